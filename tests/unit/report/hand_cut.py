"""A cut of seven people written by hand, small enough to work out every figure of its report."""

from dataclasses import replace

from trialwright.analysis.cut import (
    Assignment,
    Cut,
    Deviation,
    Head,
    ProtocolVersion,
    SealedPart,
    Site,
)
from trialwright.analysis.cut_bytes import canonical_hash
from trialwright.analysis.cut_entries import Entry, Query, Value, Visit
from trialwright.analysis.cut_participants import Ending, Exclusion, Participant, Step, Treatment
from trialwright.demonstration.protocol import demonstration
from trialwright.protocol.expression import parse
from trialwright.protocol.scopes import kind_of

_WRITTEN = demonstration()
_PADS, *_OTHERS = _WRITTEN.endpoints
_CATEGORY = replace(
    parse("first_bleed.menses.category"), kind=kind_of(_WRITTEN.item("menses", "category"))
)
# The demonstration's endpoints are numbers and yes/no; one more is a choice.
PROTOCOL = replace(
    _WRITTEN,
    endpoints=(_PADS, *_OTHERS, replace(_PADS, key="rating", variable=_CATEGORY)),
    # All that can stand in the baseline table does.
    baseline=(),
)


def _person(
    code: str, given: str | None, *endings: Ending, randomised_on: str = "2026-01-10"
) -> Participant:
    steps = (Step("screened", "2026-01-01"), Step("randomised", randomised_on))
    treatment = Treatment(given, "2026-01-11") if given else None
    return Participant(code, code[0], code, "", steps, treatment=treatment, endings=endings)


def _screened(code: str, exclusion: Exclusion | None = None) -> Participant:
    return Participant(code, code[0], code, "", (Step("screened", "2026-01-03"),), exclusion)


def _visit(code: str, key: str, status: str, actual: str | None = None) -> Visit:
    return Visit(code, key, status, "2026-04-30", "2026-04-20", "2026-05-10", actual)


def _entry(
    code: str, visit: str, form: str, status: str = "complete", **items: str | None
) -> Entry:
    """A `?` stands for an item that was not done; what is complete is signed."""
    values = tuple(
        Value(key, None if text == "?" else text, "not_done" if text == "?" else None)
        for key, text in items.items()
    )
    return Entry(code, visit, form, 1, status, status == "complete", "1.0", values)


CUT = Cut(
    study=PROTOCOL.identifier,
    name="by hand",
    demonstration=True,
    protocol=ProtocolVersion(PROTOCOL.identifier, PROTOCOL.version, PROTOCOL.sha256),
    open_head=Head(41, "a1" * 32),
    sealed_head=Head(7, "b2" * 32),
    cut_at="2026-05-10T09:30+08:00",
    began_on="2025-12-01",
    sites=(Site("C", "Chongqing", "重庆"), Site("W", "West China")),
    participants=(
        _person("C-1", "full"),
        _person("C-2", "full", Ending("completed", "2026-05-09")),
        _person("C-3", "part", Ending("withdrawn", "2026-02-01", ("visits",), "moved")),
        _person("C-4", "none", Ending("lost", "2026-02-01", (), "no answer")),
        _person("W-1", None, randomised_on="2026-05-10"),
        _screened("C-5", Exclusion("ineligible", "2026-01-04", ("age",))),
        _screened("W-2"),
    ),
    visits=(
        _visit("C-1", "first_bleed", "done", "2026-05-10"),
        _visit("C-2", "first_bleed", "done", "2026-05-11"),
        _visit("C-3", "first_bleed", "cancelled"),
        _visit("C-4", "first_bleed", "missed"),
        # The window closes on the day of the cut: the visit may still come.
        _visit("W-1", "first_bleed", "planned"),
        _visit("C-1", "screening", "done", "2026-04-20"),
        _visit("C-2", "screening", "done", "2026-04-19"),
        replace(_visit("W-2", "screening", "planned"), closes="2026-05-09"),
        Visit("C-1", "pregnancy_12_weeks", "done", actual="2026-05-01"),
        Visit("C-2", "pregnancy_12_weeks", "done", actual="2026-05-02"),
    ),
    entries=(
        _entry("C-1", "first_bleed", "menses", bled="yes", days="4", pads="10", category="scant"),
        _entry("C-2", "first_bleed", "menses", bled="yes", days="5", pads="5", category="normal"),
        _entry("C-1", "pregnancy_12_weeks", "pregnancy_follow_up", ongoing="yes"),
        _entry("C-2", "pregnancy_12_weeks", "pregnancy_follow_up", "draft", ongoing="no"),
        _entry("C-1", "screening", "demographics", age="29", height="160.0", weight="?"),
        _entry("C-2", "screening", "demographics", age="35", height="158.0", weight="50.0"),
        _entry("C-1", "admission", "beta_hcg", hcg="<1.2"),
        _entry("C-2", "admission", "beta_hcg", hcg="2.0"),
        _entry("C-1", "screening", "history", wish="yes", cause="curettage"),
        _entry("C-2", "screening", "history", wish="no", cause="curettage"),
        _entry("C-3", "screening", "history", wish="yes", cause="infection"),
    ),
    queries=(
        Query(1, "C-1", "first_bleed", "menses", 1, "pads", "open", "2026-05-02"),
        Query(2, "C-1", "screening", "demographics", 1, "age", "closed", "2026-05-02"),
        Query(3, "C-2", "first_bleed", "menses", 1, "pads", "answered", "2026-05-02"),
    ),
    deviations=(Deviation("C-2", "2026-05-11", "visit_window", "a holiday"),),
)
_ARMS = [arm.key for arm in PROTOCOL.arms]
SEALED = SealedPart(
    CUT.study,
    CUT.name,
    canonical_hash(CUT),
    (
        Assignment("C-1", _ARMS[0], _ARMS[0]),
        Assignment("C-2", _ARMS[0], _ARMS[0]),
        Assignment("C-3", _ARMS[1], _ARMS[1], "perforation"),
        Assignment("C-4", _ARMS[3], None, "fever"),
        Assignment("W-1", _ARMS[3]),
    ),
)
