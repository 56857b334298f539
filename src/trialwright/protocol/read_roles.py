"""Reading who there is in a study: its own roles or the bundled ones, and who is blinded."""

from collections.abc import Collection
from functools import cache
from importlib.resources import files

from trialwright.protocol.basics import Origin, Text
from trialwright.protocol.fields import Fields
from trialwright.protocol.nodes import Block, Entry
from trialwright.protocol.provenance import Provenance, Reading
from trialwright.protocol.roles import (
    NEEDS_ARM,
    PARTICIPANT,
    WRITTEN,
    Act,
    Knows,
    Roles,
    StudyRole,
)
from trialwright.protocol.shapes import BLINDING, MASKING, ROLE, Shape
from trialwright.protocol.typecheck import suggestion
from trialwright.protocol.yaml_nodes import read_nodes

_STANDARD = "standard_roles.yaml"
_LISTS = {"blinding": ("blinded", "unblinded"), "masking": ("masked", "unmasked")}


@cache
def standard_roles() -> Roles:
    """The bundled roles, as `standard_roles.yaml` has them."""
    root, problems = read_nodes((files("trialwright.protocol") / _STANDARD).read_bytes())
    if root is None or problems:
        raise RuntimeError(f"{_STANDARD} can't be read: {problems}")
    reading = Reading()
    file = Block((Entry("roles", root, root.line, root.column),), root.line, root.column)
    fields = Fields(reading, file, Shape(_STANDARD, ("roles",)), "", Provenance(Origin.STATED, ""))
    roles = tuple(_role(key, role, {}) for key, role in fields.named("roles", ROLE))
    if reading.problems:
        raise RuntimeError(f"{_STANDARD} has problems: {reading.problems}")
    return Roles(roles)


def read_roles(root: Fields, steps: Collection[str] = ()) -> Roles:
    """The roles of a file; a bundled one that it doesn't call unblinded is blinded, the safe side.

    `steps` are the names of the file's steps, after which a role may know the arm.
    A file of before `blinding:` says `masking:`, which is read as the same, and noted.
    """
    if root.has("masking"):
        root.reading.note(root.line_of("masking"), "`masking` is read as `blinding`")
    if not root.has("roles"):
        return standard_roles().with_blinding(_unblinded(root))
    for key in _LISTS:
        if root.has(key):
            message = f"Who is blinded stands in `roles` and in `{key}`"
            way_out = f"Say it in each role's `knows_arm`, and take `{key}` away."
            root.reading.problem(root.line_of(key), message, way_out, "blinding-twice")
    bundled = standard_roles().by_key
    own = tuple(_role(key, fields, bundled, steps) for key, fields in root.named("roles", ROLE))
    participant = bundled[PARTICIPANT]
    return Roles(own if any(role.key == PARTICIPANT for role in own) else (participant, *own))


def _unblinded(root: Fields) -> set[str]:
    known = tuple(standard_roles().by_key)
    unblinded: set[str] = set()
    for key, (closed, opened) in _LISTS.items():
        fields = root.within(key, MASKING if key == "masking" else BLINDING)
        if fields is None:
            continue
        if key == "masking" and root.has("blinding"):
            message = "The file has `blinding` and, from an earlier format, `masking`"
            fields.reading.problem(fields.line, message, "Take `masking` away.", "blinding-twice")
        blinded = set(fields.words_among(closed, known))
        named = set(fields.words_among(opened, known))
        for role in sorted(blinded & named):
            message = f"`{role}` is both {closed} and {opened}"
            way_out = "Take it out of one of the two lists."
            fields.reading.problem(fields.line_of(opened), message, way_out, "blinding")
        unblinded |= named
    return unblinded


def _role(
    key: str, fields: Fields, bundled: dict[str, StudyRole], steps: Collection[str] = ()
) -> StudyRole:
    """One role; what it doesn't say is as in the role it is `like`."""
    problem = fields.reading.problem
    base = None
    if fields.has("like"):
        base = bundled.get(fields.word_among("like", bundled) or "")
    elif not fields.has("label"):
        way_out = f"Add `label:`, or `like:` with a bundled role: {', '.join(bundled)}."
        problem(fields.line, f"The role `{key}` has neither a label nor a `like`", way_out, "role")
    may = frozenset(map(Act, fields.words_among("may", WRITTEN)))
    told = _knows_arm(fields, base, steps)
    knows, after = told or (Knows.NO, None)
    if told and knows is Knows.NO:
        for act in sorted(may & NEEDS_ARM):
            message = f"The role `{key}` is blinded, and `{act}` tells it an arm"
            way_out = f"Take `{act}` out of its `may`, or say `knows_arm: yes` or `after …`."
            problem(fields.line_of("may"), message, way_out, "blinded-role")
    if knows is not Knows.NO and Act.ASSESS_BLINDED in may:
        act = Act.ASSESS_BLINDED
        message = f"The role `{key}` may know the arm, and `{act}` is for the blinded"
        way_out = "Say `knows_arm: no`, or take the capability out of its `may`."
        problem(fields.line_of("may"), message, way_out, "unblinded-assessor")
    may |= base.may if base else frozenset()
    if not may and key != PARTICIPANT:
        message = f"The role `{key}` has no capability"
        problem(fields.line, message, "Give it some with `may:`, or take it away.", "role")
    at_site = fields.optional_truth("at_site")
    return StudyRole(
        key=key,
        label=fields.optional_text("label") or (base.label if base else Text(key, key)),
        at_site=base.at_site if at_site is None and base else bool(at_site),
        may=may,
        knows_arm=knows,
        after=after,
        line=fields.line,
    )


def _knows_arm(
    fields: Fields, base: StudyRole | None, steps: Collection[str]
) -> tuple[Knows, str | None] | None:
    """What it may learn and from which step; None where the file says something else."""
    word = fields.words("knows_arm")
    if word is None:
        return (base.knows_arm, base.after) if base else (Knows.NO, None)
    known: dict[str, tuple[Knows, str | None]] = {
        "no": (Knows.NO, None),
        "yes": (Knows.YES, None),
        "after_step": (Knows.AFTER, None),
        **{f"after {each}": (Knows.AFTER, each) for each in steps},
    }
    if word not in known:
        message = f"{word!r} doesn't say whether the role knows the arm"
        problem = fields.reading.problem
        problem(fields.line_of("knows_arm"), message, suggestion(word, known), "choice")
    return known.get(word)
