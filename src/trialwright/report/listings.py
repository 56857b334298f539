"""Listings of a data cut, participant by participant, numbered as the plan numbers them.

Without the restricted part no listing says an arm.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Literal

from trialwright.analysis.cut import Cut, SealedPart
from trialwright.analysis.cut_bytes import check_sealed
from trialwright.analysis.cut_participants import RANDOMISED
from trialwright.analysis.describe import groups_of
from trialwright.analysis.event_times import event_time
from trialwright.analysis.outcomes import memberships, variable_of
from trialwright.analysis.values import Values
from trialwright.protocol.groups import escalations
from trialwright.protocol.model import Endpoint, Protocol
from trialwright.protocol.values import Missing, canonical
from trialwright.report.context import ReportContext
from trialwright.report.document import Column, Document, Facts, Row, Running, Section, Table
from trialwright.report.sections.cohorts import on_control
from trialwright.report.words import ReportWords


def listings(
    cut: Cut,
    protocol: Protocol,
    *,
    language: Literal["en", "zh"],
    sealed: SealedPart | None = None,
) -> Document:
    """Every listing of a cut as one document; arms only with the restricted part.

    Raises CutError where the restricted part isn't the cut's own.
    """
    if sealed is not None:
        check_sealed(cut, sealed)
    words = ReportWords(language)
    values = Values(cut, protocol, sealed)
    groups = groups_of(cut, sealed, tuple(arm.key for arm in protocol.arms))
    told = ReportContext(protocol, language, words, cut, sealed, values, groups)
    tables = tuple(_tables(told))
    return Document(
        language=language,
        kind=words("listing_kind_title"),
        title=told.text(protocol.title),
        running=Running(
            study=cut.study,
            cut=words("running_cut", cut=cut.name),
            head=words("running_head", seq=cut.open_head.seq, hash=cut.open_head.hash[:12]),
            demonstration=words.mark(cut.demonstration, protocol.training_of),
            sealed=words("sealed_mark") if sealed is not None else None,
        ),
        facts=Facts(
            (
                (words("fact_study"), cut.study),
                (words("fact_cut"), words("cut_at", cut=cut.name, at=cut.cut_at.replace("T", " "))),
                (words("fact_view"), words("view_unmasked" if sealed else "view_masked")),
            )
        ),
        blocks=(Section(words("plan_section_outputs"), tables),),
        made_at=datetime.fromisoformat(cut.cut_at),
    )


def _tables(told: ReportContext) -> Iterator[Table]:
    yield _table(told, "16.2.1", told.words("listing_discontinued"), _DISCONTINUED, _ended(told))
    yield _table(told, "16.2.2", told.words("listing_deviations"), _DEVIATIONS, _deviated(told))
    yield _table(told, "16.2.3", told.words("listing_excluded"), _EXCLUDED, _excluded(told))
    if told.sealed is not None:
        title = told.words("listing_allocation")
        yield _table(told, "16.2.5", title, _ALLOCATION, _allocated(told))
        if any(escalations(told.protocol)):
            title = told.words("listing_cohorts")
            yield _table(told, "16.2.5.1", title, _COHORTS, _in_cohorts(told, told.sealed))
    for place, endpoint in enumerate(told.protocol.endpoints, start=1):
        title = told.words("listing_values", endpoint=told.text(endpoint.label))
        heads = (*_VALUES, *(("arm",) if told.sealed is not None else ()))
        timed = endpoint.analysis is not None and endpoint.analysis.event is not None
        heads = (*heads, "event", "days", "missing") if timed else (*heads, "value", "missing")
        yield _table(told, f"16.2.6.{place}", title, heads, _endpoint(told, endpoint))


_DISCONTINUED = ("participant", "site", "date", "kind", "reason")
_DEVIATIONS = ("participant", "date", "kind", "what", "classification")
_EXCLUDED = ("participant", "site", "date", "kind", "reason")
_ALLOCATION = ("participant", "site", "date", "arm", "received")
_COHORTS = ("participant", "site", "cohort", "level", "first_dose", "standing", "response")
_VALUES = ("participant", "site")


def _table(
    told: ReportContext,
    number: str,
    title: str,
    heads: tuple[str, ...],
    rows: Iterator[tuple[str, ...]],
) -> Table:
    wide = ("reason", "what", "missing")
    columns = tuple(
        Column(told.words(f"listing_{head}"), share=1 if head in wide else None) for head in heads
    )
    caption = told.words("shell_title", number=number, title=title)
    return Table(caption, columns, tuple(map(Row, rows)), (), told.words("listing_nobody"))


def _ended(told: ReportContext) -> Iterator[tuple[str, ...]]:
    for person in told.cut.participants:
        for ending in person.endings:
            if ending.kind != "completed":
                kind = told.words(f"shell_{ending.kind}")
                yield person.code, person.site, ending.on, kind, ending.reason or "–"


def _deviated(told: ReportContext) -> Iterator[tuple[str, ...]]:
    for each in told.cut.deviations:
        judged = f"classification_{each.classification or 'none'}"
        said = told.words(judged) if told.words.has(judged) else each.classification or "–"
        yield each.participant, each.on, told.deviation(each.kind), each.description, said


def _excluded(told: ReportContext) -> Iterator[tuple[str, ...]]:
    for person in told.cut.participants:
        found = person.exclusion
        if found is not None:
            why = ", ".join((*found.criteria, *((found.reason,) if found.reason else ())))
            key = f"excluded_{found.kind}"
            kind = told.words(key) if told.words.has(key) else found.kind
            yield person.code, person.site, found.on, kind, why or "–"


def _allocated(told: ReportContext) -> Iterator[tuple[str, ...]]:
    sites = {p.code: p for p in told.cut.participants}
    for each in told.sealed.assignments if told.sealed else ():
        person = sites[each.participant]
        received = told.arm(each.received) if each.received else "–"
        at = (person.at(RANDOMISED) or "")[:10]
        yield each.participant, person.site, at, told.arm(each.arm), received


def _in_cohorts(told: ReportContext, sealed: SealedPart) -> Iterator[tuple[str, ...]]:
    words, sites = told.words, {p.code: p.site for p in told.cut.participants}
    levels = {each.group: each.levels for each in escalations(told.protocol)}
    randomised = {each.group: on_control(each, sealed) for each in escalations(told.protocol)}
    for each in sealed.cohort_members:
        cohort = str(each.cohort)
        if each.backfilled:
            cohort = words("cohort_beside", cohort=cohort)
        dose = levels[each.group][each.level - 1].amount
        control = each.participant in randomised[each.group]
        yield (
            each.participant,
            sites[each.participant],
            cohort,
            words(f"cohort_level_{'control' if control else 'dose'}", number=each.level, dose=dose),
            each.treated_on or "–",
            words(f"cohort_standing_{each.standing}"),
            words(f"cohort_response_{each.response}") if each.response else "–",
        )


def _endpoint(told: ReportContext, endpoint: Endpoint) -> Iterator[tuple[str, ...]]:
    """Everybody randomised of the population: the value, or why there is none."""
    members = memberships(told.values)[endpoint.population].codes
    visits = {(v.participant, v.visit): v for v in told.cut.visits}
    arm_of = {a.participant: a.arm for a in told.sealed.assignments} if told.sealed else {}
    event = endpoint.analysis.event if endpoint.analysis else None
    for person in told.cut.participants:
        if person.code not in members or not person.at(RANDOMISED):
            continue
        head = [person.code, person.site]
        head += [told.arm(arm_of[person.code])] if told.sealed is not None else []
        if event is not None:
            timed = event_time(told.values, endpoint, event, person)
            if isinstance(timed, Missing):
                yield (*head, "–", "–", told.reason(timed.reason))
            else:
                said = told.words("yes" if timed[1] else "no")
                yield (*head, said, f"{timed[0]:g}", "")
            continue
        found = variable_of(told.values, endpoint, person, visits.get((person.code, endpoint.at)))
        if isinstance(found, Missing):
            yield (*head, "–", told.reason(found.reason))
        elif isinstance(found, bool):
            yield (*head, told.words("yes" if found else "no"), "")
        else:
            yield (*head, canonical(found), "")
