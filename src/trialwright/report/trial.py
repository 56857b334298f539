"""The report of a trial from a data cut: pooled for masked people, by arm for unmasked ones.

The report is a function of the cut, the protocol, the language and, for groups, the sealed part
alone. Without the sealed part there is no arm to show, so a masked report can't show one.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Literal

from trialwright.analysis.analyse import EndpointAnalysis, analyse
from trialwright.analysis.completeness import visit_counts
from trialwright.analysis.cut import Cut, CutError, SealedPart
from trialwright.analysis.cut_bytes import check_sealed
from trialwright.analysis.describe import groups_of
from trialwright.analysis.flow import Flow, participant_flow, total
from trialwright.analysis.outcomes import Outcome, memberships, outcomes
from trialwright.analysis.values import Values
from trialwright.design.places import blocks_of
from trialwright.protocol.groups import escalations
from trialwright.protocol.model import EndpointKind, Protocol
from trialwright.report.context import ReportContext
from trialwright.report.document import Bullets, Document, Facts, Running, Section
from trialwright.report.sections.baseline import baseline_section
from trialwright.report.sections.clocks import clocks_section
from trialwright.report.sections.cohorts import cohorts_section
from trialwright.report.sections.data import data_section
from trialwright.report.sections.events import events_section
from trialwright.report.sections.exposure import exposure_section
from trialwright.report.sections.holds import holds_section
from trialwright.report.sections.kits import kits_section
from trialwright.report.sections.meetings import meetings_section
from trialwright.report.sections.multiplicity import multiplicity_section
from trialwright.report.sections.origins import making_section, origins_section
from trialwright.report.sections.outcomes import outcomes_section, populations_section
from trialwright.report.sections.participants import participants_section
from trialwright.report.sections.products import products_section
from trialwright.report.sections.situations import situations_section
from trialwright.report.words import ReportWords


def trial_report(
    cut: Cut,
    protocol: Protocol,
    *,
    language: Literal["en", "zh"],
    sealed: SealedPart | None = None,
) -> Document:
    """Tell a cut as a document, by arm only if the sealed part is given.

    Raises:
        CutError: the protocol or the sealed part isn't the cut's own.
    """
    if cut.protocol.sha256 != protocol.sha256:
        raise CutError(
            f"the cut {cut.name} was made under version {cut.protocol.version} of the protocol "
            f"(SHA-256 {cut.protocol.sha256[:12]}…), and this file is another: give that version"
        )
    if sealed is not None:
        check_sealed(cut, sealed)
    values = Values(cut, protocol, sealed)
    words = ReportWords(language)
    arms = tuple(arm.key for arm in protocol.arms)
    groups = groups_of(cut, sealed, arms)
    told = ReportContext(protocol, language, words, cut, sealed, values, groups)
    flow = participant_flow(cut, sealed, arms)
    found = outcomes(values, groups)
    analyses = _analyses(values, sealed) if sealed else {}
    return Document(
        language=language,
        kind=words("report_kind"),
        title=told.text(protocol.title),
        running=_running(told),
        facts=_facts(told),
        blocks=(
            _summary(told, flow, found),
            participants_section(told, flow, found),
            populations_section(told, memberships(values)),
            *((cohorts_section(told, sealed),) if sealed and any(escalations(protocol)) else ()),
            baseline_section(told),
            data_section(told),
            events_section(told),
            *((situations_section(told),) if cut.situations else ()),
            *((exposure_section(told),) if protocol.gives_doses else ()),
            *((kits_section(told, protocol.kits),) if protocol.kits else ()),
            *_products(told),
            holds_section(told),
            *((meetings_section(told),) if cut.meetings else ()),
            *((clocks_section(told, sealed.clocks),) if sealed and sealed.clocks else ()),
            outcomes_section(told, found, analyses),
            *(
                (multiplicity_section(told, protocol.multiplicity, analyses if sealed else None),)
                if protocol.multiplicity is not None
                else ()
            ),
            origins_section(told),
            making_section(told),
        ),
        made_at=_moment(cut.cut_at),
    )


def _products(told: ReportContext) -> Iterator[Section]:
    """Lots are told to who may know arms, where the protocol has any."""
    if told.sealed is not None and any(each.container for each in told.protocol.products):
        yield products_section(told, told.sealed.products)


def _analyses(values: Values, sealed: SealedPart) -> dict[str, EndpointAnalysis]:
    """What the protocol plans to compare, by the endpoint's key."""
    allocation = values.protocol.allocation
    procedure = blocks_of(allocation) if allocation and allocation.kind.has_blocks else None
    return {
        endpoint.key: analyse(values, endpoint, sealed, procedure=procedure)
        for endpoint in values.protocol.endpoints
        if endpoint.analysis is not None
    }


def _running(told: ReportContext) -> Running:
    words, cut = told.words, told.cut
    return Running(
        study=cut.study,
        cut=words("running_cut", cut=cut.name),
        head=words("running_head", seq=cut.open_head.seq, hash=cut.open_head.hash[:12]),
        demonstration=words.mark(cut.demonstration, told.protocol.training_of),
        sealed=words("sealed_mark") if told.sealed is not None else None,
    )


def _facts(told: ReportContext) -> Facts:
    words, cut, protocol = told.words, told.cut, told.protocol
    version = words("protocol_version", version=protocol.version, date=protocol.date.isoformat())
    pairs = [
        (words("fact_study"), cut.study),
        (words("fact_registered"), protocol.registered_as),
        (words("fact_twin"), protocol.twin_of),
        (words("fact_sponsor"), protocol.sponsor or words("not_provided")),
        (words("fact_phase"), protocol.phase or words("not_provided")),
        (words("fact_protocol"), version),
        (words("fact_cut"), words("cut_at", cut=cut.name, at=cut.cut_at.replace("T", " "))),
        (words("fact_view"), words("view_unmasked" if told.sealed else "view_masked")),
    ]
    return Facts(tuple((head, text) for head, text in pairs if text is not None))


def _summary(told: ReportContext, flow: Flow, found: tuple[Outcome, ...]) -> Section:
    words = told.words
    visits = visit_counts(told.cut, told.protocol)
    items = [
        words(
            "summary_flow",
            screened=flow.screened,
            randomised=flow.randomised,
            target=told.protocol.participants,
            treated=sum(g.treated for g in flow.groups),
        ),
        words(
            "summary_ended",
            withdrawn=sum(total(g.withdrawn) for g in flow.groups),
            lost=sum(total(g.lost) for g in flow.groups),
            died=sum(g.died for g in flow.groups),
            completed=sum(g.completed for g in flow.groups),
            followed=sum(g.followed for g in flow.groups),
        ),
        words(
            "summary_visits",
            done=sum(v.done for v in visits),
            due=sum(v.due for v in visits),
            inside=sum(v.inside for v in visits),
        ),
        words(
            "summary_queries",
            open=sum(q.status == "open" for q in told.cut.queries),
            all=len(told.cut.queries),
        ),
    ]
    for outcome in found:
        if outcome.endpoint.kind is EndpointKind.PRIMARY:
            label = told.text(outcome.endpoint.label)
            known, n = sum(g.known for g in outcome.groups), sum(g.n for g in outcome.groups)
            items.append(words("summary_primary", endpoint=label, known=known, n=n))
    return Section(words("section_summary"), (Bullets(tuple(items)),))


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
