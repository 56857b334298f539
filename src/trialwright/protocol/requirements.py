"""What must be there before a randomisation, a treatment or a step: visits, forms and signatures.

A requirement is named as the file writes it: `visit` took place, `visit.form` is complete,
`visit.form signed` is signed.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from trialwright.protocol.forms import Form
from trialwright.protocol.steps import Milestone
from trialwright.protocol.visits import Visit

GUARDED = (Milestone.ALLOCATION, Milestone.TREATMENT)
"""The moments before which a file can ask for something."""

_SIGNED = " signed"


@dataclass(frozen=True, slots=True)
class Requirement:
    """One thing that must be there: a visit, a form of it (complete), or the form's signature."""

    visit: str
    form: str = ""
    signed: bool = False

    def __str__(self) -> str:
        place = f"{self.visit}.{self.form}" if self.form else self.visit
        return place + _SIGNED if self.signed else place

    @classmethod
    def of(cls, name: str) -> "Requirement":
        """The requirement with this name."""
        visit, _dot, form = name.removesuffix(_SIGNED).partition(".")
        return cls(visit, form, name.endswith(_SIGNED))


@dataclass(frozen=True, slots=True)
class Before:
    """What comes before a moment: `refuse` without it, or `warn` and ask for a reason."""

    milestone: Milestone
    refuse: tuple[Requirement, ...] = ()
    warn: tuple[Requirement, ...] = ()
    line: int = 0


def names_of(visits: Iterable[Visit], forms: Iterable[Form]) -> tuple[str, ...]:
    """Everything that a file can require, by name.

    A visit without a date never takes place, so only its forms can be required; a form that could
    reveal an arm can't be, since whether it is there would.
    """
    by_key = {form.key: form for form in forms}
    found: list[Requirement] = []
    for visit in visits:
        if not visit.any_time:
            found.append(Requirement(visit.key))
        for form in (by_key[key] for key in visit.forms if key in by_key):
            if not form.unmasking:
                found.append(Requirement(visit.key, form.key))
                if form.signed_by is not None:
                    found.append(Requirement(visit.key, form.key, signed=True))
    return tuple(str(each) for each in found)


def missing(required: Iterable[Requirement], met: Collection[str]) -> tuple[Requirement, ...]:
    """Those of the requirements that are not met."""
    return tuple(each for each in required if str(each) not in met)
