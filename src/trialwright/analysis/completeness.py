"""How complete the data of a cut are: visits that were due, their forms, and the queries."""

from collections import Counter, defaultdict
from dataclasses import dataclass

from trialwright.analysis.cut import Cut
from trialwright.analysis.cut_diaries import DIARY_STATUSES
from trialwright.analysis.cut_entries import Entry, Visit
from trialwright.protocol.model import Protocol


@dataclass(frozen=True, slots=True)
class VisitCounts:
    """One visit over all participants. due = done + missed + overdue; done = the three after."""

    visit: str
    done: int
    inside: int
    early: int
    late: int
    missed: int
    overdue: int
    cancelled: int

    @property
    def due(self) -> int:
        return self.done + self.missed + self.overdue


@dataclass(frozen=True, slots=True)
class FormCounts:
    """One form over all visits that took place. `expected` is None for a repeating form."""

    form: str
    expected: int | None
    entered: int
    complete: int
    signed: int

    @property
    def absent(self) -> int | None:
        return None if self.expected is None else self.expected - self.entered


@dataclass(frozen=True, slots=True)
class QueryCounts:
    """Queries on one form."""

    form: str
    open: int
    answered: int
    closed: int


@dataclass(frozen=True, slots=True)
class DiaryCounts:
    """One diary over all participants: how its entries came that could be written by the cut."""

    form: str
    on_time: int
    late: int
    missed: int
    open: int

    @property
    def due(self) -> int:
        return self.on_time + self.late + self.missed + self.open


def diary_counts(cut: Cut, protocol: Protocol) -> tuple[DiaryCounts, ...]:
    """Each diary in the protocol's order; those of other versions come last."""
    stands: dict[str, Counter[str]] = defaultdict(Counter)
    for each in cut.diaries:
        stands[each.form][each.status] += 1
    order = _ordered([form.key for form in protocol.forms if form.diary], stands)
    return tuple(
        DiaryCounts(key, **{status: stands[key][status] for status in DIARY_STATUSES})
        for key in order
    )


def visit_counts(cut: Cut, protocol: Protocol) -> tuple[VisitCounts, ...]:
    """Each planned visit in the protocol's order; visits of other versions come last."""
    stands: dict[str, Counter[str]] = defaultdict(Counter)
    for visit in cut.visits:
        stands[visit.visit][_stand(visit, cut.cut_on)] += 1
    order = _ordered([visit.key for visit in protocol.visits], stands)
    return tuple(
        VisitCounts(
            key,
            done=counts["inside"] + counts["early"] + counts["late"],
            **{k: counts[k] for k in ("inside", "early", "late", "missed", "overdue", "cancelled")},
        )
        for key, counts in ((key, stands[key]) for key in order)
    )


def form_counts(cut: Cut, protocol: Protocol) -> tuple[FormCounts, ...]:
    """Each form of the protocol, expected once at every visit done that has it.

    Unmasking forms are left out: their entries stand in the sealed part.
    """
    entries: dict[str, list[Entry]] = defaultdict(list)
    for entry in cut.entries:
        entries[entry.form].append(entry)
    done = {(v.participant, v.visit, v.occurrence) for v in cut.visits if v.status == "done"}
    times = Counter(visit for _, visit, _ in done)
    found = []
    for form in protocol.forms:
        if form.unmasking:
            continue
        filled = entries[form.key]
        expected = None
        if not form.repeating:
            filled = [e for e in filled if (e.participant, e.visit, e.occurrence) in done]
            expected = sum(times[visit.key] for visit in protocol.visits_with(form.key))
        found.append(
            FormCounts(
                form.key,
                expected,
                entered=len(filled),
                complete=sum(e.status == "complete" for e in filled),
                signed=sum(e.signed for e in filled),
            )
        )
    return tuple(found)


def query_counts(cut: Cut, protocol: Protocol) -> tuple[QueryCounts, ...]:
    """Each form with a query, in the protocol's order."""
    stands: dict[str, Counter[str]] = defaultdict(Counter)
    for query in cut.queries:
        stands[query.form][query.status] += 1
    order = _ordered([form.key for form in protocol.forms], stands)
    return tuple(
        QueryCounts(k, stands[k]["open"], stands[k]["answered"], stands[k]["closed"]) for k in order
    )


def deviation_counts(cut: Cut) -> tuple[tuple[str, int], ...]:
    """How many deviations of each kind, the most frequent first, then by name."""
    counts = Counter(deviation.kind for deviation in cut.deviations)
    return tuple(sorted(counts.items(), key=lambda pair: (-pair[1], pair[0])))


def _stand(visit: Visit, cut_on: str) -> str:
    if visit.actual is not None:
        day = visit.actual[:10]
        if visit.opens and day < visit.opens[:10]:
            return "early"
        return "late" if visit.closes and day > visit.closes[:10] else "inside"
    if visit.status == "planned":
        return "overdue" if visit.closes and visit.closes[:10] < cut_on else "to come"
    return visit.status


def _ordered(keys: list[str], counted: dict[str, Counter[str]]) -> list[str]:
    known = [key for key in keys if key in counted]
    return known + sorted(counted.keys() - set(keys))
