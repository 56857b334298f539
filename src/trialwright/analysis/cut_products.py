"""Products from donor to participant as the sealed part of a cut has them: who was given what of
which lot, what became of every container, and each check at a bedside."""

from dataclasses import dataclass

from trialwright.analysis.cut_checks import CutError, date_text, one_of

LOT_STATUSES = ("quarantine", "conditional", "released", "expired", "recalled", "failed")
CONTAINER_STATUSES = (
    "stock", "sent", "reserved", "thawed", "loaded", "given", "part_given", "destroyed", "returned",
)  # fmt: skip
GIVEN = frozenset({"given", "part_given"})
ENDED_BADLY = frozenset({"recalled", "failed"})


@dataclass(frozen=True, slots=True)
class Donor:
    """A donor by code; the day and reason of an exclusion."""

    donor: str
    product: str
    excluded_on: str | None = None
    reason: str = ""

    def __post_init__(self) -> None:
        date_text(self.excluded_on, f"donor {self.donor}")


@dataclass(frozen=True, slots=True)
class LotDecision:
    """A signed change of a lot's status; `open_tests` are those that it left open."""

    status: str
    on: str
    open_tests: tuple[str, ...] = ()
    reason: str = ""

    def __post_init__(self) -> None:
        one_of(self.status, LOT_STATUSES, "decision about a lot")
        date_text(self.on, "decision about a lot")


@dataclass(frozen=True, slots=True)
class Lot:
    """A lot as it stands at the cut, and what was decided of it in that order."""

    lot: str
    product: str
    supplier: str
    supplier_lot: str
    donors: tuple[str, ...]
    expires_at: str
    status: str
    decisions: tuple[LotDecision, ...] = ()

    def __post_init__(self) -> None:
        one_of(self.status, LOT_STATUSES, f"lot {self.lot}")
        date_text(self.expires_at, f"lot {self.lot}")


@dataclass(frozen=True, slots=True)
class Container:
    """A container, and where it stands at the cut."""

    container: str
    lot: str
    holds: str
    unit: str
    status: str
    site: str

    def __post_init__(self) -> None:
        one_of(self.status, CONTAINER_STATUSES, f"container {self.container}")


@dataclass(frozen=True, slots=True)
class Handling:
    """One move of a container. participant: whom it is reserved for or was given to, with the step
    and visit, the amount in `unit` and per kg, and when the administration ended."""

    container: str
    number: int
    status: str
    at: str
    site: str = ""
    place: str = ""
    temperature: str = ""
    reason: str = ""
    participant: str = ""
    step: str = ""
    visit: str = ""
    occurrence: int = 1
    amount: str = ""
    unit: str = ""
    per_kg: str = ""
    ended_at: str | None = None
    counted: bool = False

    def __post_init__(self) -> None:
        where = f"move {self.number} of container {self.container}"
        one_of(self.status, CONTAINER_STATUSES, where)
        date_text(self.at, where)
        date_text(self.ended_at, where)


@dataclass(frozen=True, slots=True)
class BedsideCheck:
    """One check at a bedside: `refusals` forbade it (a near miss); none, and it was given."""

    number: int
    at: str
    participant: str
    step: str
    visit: str
    occurrence: int
    container: str
    amount: str
    unit: str
    refusals: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        date_text(self.at, f"check {self.number} at a bedside")


@dataclass(frozen=True, slots=True)
class Products:
    """All of it. Built in any order, it sorts itself and checks its keys."""

    donors: tuple[Donor, ...] = ()
    lots: tuple[Lot, ...] = ()
    containers: tuple[Container, ...] = ()
    handling: tuple[Handling, ...] = ()
    checks: tuple[BedsideCheck, ...] = ()

    def __post_init__(self) -> None:
        put = object.__setattr__
        put(self, "donors", tuple(sorted(self.donors, key=lambda d: d.donor)))
        put(self, "lots", tuple(sorted(self.lots, key=lambda each: each.lot)))
        put(self, "containers", tuple(sorted(self.containers, key=lambda c: c.container)))
        put(self, "handling", tuple(sorted(self.handling, key=lambda h: (h.container, h.number))))
        put(self, "checks", tuple(sorted(self.checks, key=lambda c: c.number)))
        lots = {each.lot for each in self.lots}
        containers = {each.container for each in self.containers}
        if strange := sorted({each.lot for each in self.containers} - lots):
            raise CutError(f"lot {strange[0]!r} is used in the cut but not listed in it")
        if strange := sorted({each.container for each in self.handling} - containers):
            raise CutError(f"container {strange[0]!r} is used in the cut but not listed in it")

    @property
    def given(self) -> tuple[Handling, ...]:
        """The moves by which a container was given."""
        return tuple(each for each in self.handling if each.status in GIVEN and not each.counted)
