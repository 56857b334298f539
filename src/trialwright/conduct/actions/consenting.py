"""Consent: which version, who gave and explained it, in which language, when, and to which parts.

It is given once before any study procedure, again where a new version, the participant's majority
or a change of mind asks for it, corrected with a reason, and withdrawn part by part. Where the
protocol waives it, the day from which data are taken stands in its place.
"""

from collections.abc import Mapping
from datetime import date, datetime, time

from django.utils.translation import gettext_lazy as _

from trialwright.accounts.models import Membership
from trialwright.accounts.policy import Act, Actor
from trialwright.conduct.acting import ActionContext, acting, protocol_of
from trialwright.conduct.clock import zone_of
from trialwright.conduct.deviating import note
from trialwright.conduct.models import (
    Consent,
    ConsentWithdrawal,
    Instead,
    ProtocolVersion,
    State,
    VisitRecord,
    VisitStatus,
)
from trialwright.conduct.models.deviations import DeviationKind
from trialwright.conduct.participants.consent_reports import ConsentReport, problems_of_giver
from trialwright.conduct.participants.planning import replan
from trialwright.conduct.participants.states import require_consent, require_step
from trialwright.conduct.refusals import ActionRefused, NotFound, Problem
from trialwright.conduct.versions import settle, to_move_to
from trialwright.protocol.consent import Consent as Document

EARLIEST_DATA = date(1900, 1, 1)
# In these nobody is there to consent again.
_GONE = frozenset({State.SCREEN_FAILED, State.LOST, State.DIED})


def consent(*, by: Actor, code: str, report: ConsentReport, at: datetime | None = None) -> None:
    """Record that the participant, or whoever may for them, agreed, before any study procedure.

    Raises:
        ActionRefused: the version isn't the one in force, a part that isn't optional was declined,
            whoever gave it may not at the participant's age, an assent that is needed is missing,
            the time lies before the day of screening or in the future, or consent was given
            already.
    """
    with acting(by, Act.CONSENT, "consent", code=code, at=at) as context:
        participant = context.participant
        if participant.consented_at is not None:
            raise ActionRefused(_("%(code)s has consented already.") % {"code": code})
        require_step(participant, State.CONSENTED, context.protocol)
        _check(context, report, [_in_force(context)])
        context.record(Consent(participant=participant, **report.columns))
        context.change(participant, state=State.CONSENTED.value, consented_at=report.given_at)
        if not settle(context):
            replan(context)


def enter_under_waiver(
    *, by: Actor, code: str, data_from: date, at: datetime | None = None
) -> None:
    """Enter a participant whose consent the protocol waives, with the day from which data are
    taken: it may lie long before the protocol was signed."""
    with acting(by, Act.CONSENT, "enter_under_waiver", code=code, at=at) as context:
        participant, document = context.participant, context.protocol.consent
        if document is None or document.waived is None:
            raise NotFound
        if participant.consented_at is not None:
            raise ActionRefused(_("%(code)s is entered already.") % {"code": code})
        require_step(participant, State.CONSENTED, context.protocol)
        if not EARLIEST_DATA <= data_from <= context.today:
            words = _("Enter a day from %(first)s to today.")
            day = {"first": EARLIEST_DATA.isoformat()}
            raise ActionRefused(problems=(Problem("data_from", words % day),))
        since = datetime.combine(data_from, time(), zone_of(participant))
        waiver = Consent(
            participant=participant, version="", language="", explained_by=by.person_id,
            given_at=since, parts={}, instead=Instead.WAIVED.value,
        )  # fmt: skip
        context.record(waiver)
        context.change(participant, state=State.CONSENTED.value, consented_at=since)
        if not settle(context):
            replan(context)


def renew_consent(
    *, by: Actor, code: str, report: ConsentReport, at: datetime | None = None
) -> None:
    """Record a consent that is given again, to the document in force.

    It counts from then on, for every part; the earlier ones stay to be read.
    """
    with acting(by, Act.CONSENT, "renew_consent", code=code, at=at) as context:
        participant = context.participant
        require_consent(participant)
        if participant.state in _GONE:
            raise ActionRefused(
                _("The participation of %(code)s has ended, so there is no consent to renew.")
                % {"code": code}
            )
        last = _consents(context)[-1]
        if report.given_at <= last.given_at:
            words = _("Enter a time after the consent before it, %(day)s.")
            day = {"day": context.day_of(last.given_at).isoformat()}
            raise ActionRefused(problems=(Problem("given_at", words % day),))
        _check(context, report, [_to_renew(context)])
        context.record(Consent(participant=participant, **report.columns))
        settle(context)


def correct_consent(
    *,
    by: Actor,
    code: str,
    number: int,
    report: ConsentReport,
    reason: str,
    at: datetime | None = None,
) -> None:
    """Correct what was recorded of a consent, and say why.

    Where the first consent turns out to lie after a visit that took place, that is a deviation.

    Args:
        number: the consent, counted from 1 in the order in which they were given.
    """
    with acting(by, Act.CONSENT, "correct_consent", code=code, at=at) as context:
        participant = context.participant
        row = _numbered(context, number)
        if not reason.strip():
            words = _("Say why what was recorded is changed.")
            raise ActionRefused(problems=(Problem("reason", words),))
        documents = _documents(context)
        if row.instead == Instead.WAIVED or not documents:
            raise NotFound
        _check(context, report, documents, corrected=number)
        if all(getattr(row, name) == value for name, value in report.columns.items()):
            raise ActionRefused(_("Nothing differs from what is recorded. Change what is wrong."))
        context.set_reason(reason.strip())
        context.change(row, **report.columns)
        if number == 1:
            context.change(participant, consented_at=report.given_at)
        if not settle(context) and number == 1:
            replan(context)
        if number == 1:
            _note_before_consent(context)


def withdraw_part(
    *, by: Actor, code: str, part: str, on: date, reason: str = "", at: datetime | None = None
) -> None:
    """Record that the participant withdraws what was agreed to in one part. No reason is needed."""
    with acting(by, Act.CONSENT, "withdraw_part", code=code, at=at) as context:
        require_consent(context.participant)
        last = _consents(context)[-1]
        if part not in last.parts:
            raise NotFound
        given = context.day_of(last.given_at)
        problems = []
        withdrawn = {each.part for each in last.withdrawals.all()}
        if not last.parts[part] or part in withdrawn:
            words = _("This part is not agreed to now, so it can't be withdrawn.")
            problems.append(Problem("part", words))
        elif not _optional(context, last.version, part):
            words = _(
                "Without this part there is no consent. Record the discontinuation of the "
                "participant instead."
            )
            problems.append(Problem("part", words))
        if not given <= on <= context.today:
            words = _("Enter a day from the consent, %(day)s, to today.")
            problems.append(Problem("on", words % {"day": given.isoformat()}))
        if problems:
            raise ActionRefused(problems=tuple(problems))
        context.record(ConsentWithdrawal(consent=last, part=part, on=on, reason=reason.strip()))


def _consents(context: ActionContext) -> list[Consent]:
    """The consents, in the order in which they were given."""
    return list(context.participant.consents.order_by("given_at"))


def _numbered(context: ActionContext, number: int) -> Consent:
    found = _consents(context)
    if not 1 <= number <= len(found):
        raise NotFound
    return found[number - 1]


def _in_force(context: ActionContext) -> Document:
    document = context.protocol.consent
    if document is None:
        raise ActionRefused(_("The protocol has no consent document. Add its `consent:` section."))
    if document.waived is not None:
        raise ActionRefused(_("The consent is waived, so none is given: enter the participant."))
    return document


def _to_renew(context: ActionContext) -> Document:
    """The document to which a participant consents again: that of the version they move to."""
    version = to_move_to(context.participant, context.study)
    document = protocol_of(version).consent if version is not None else None
    return document or _in_force(context)


def _documents(context: ActionContext) -> list[Document]:
    """The documents of all versions of the protocol that were signed."""
    versions = ProtocolVersion.objects.filter(study=context.study).order_by("-signed_at")
    found = (protocol_of(version).consent for version in versions)
    return [each for each in found if each is not None and each.waived is None]


def _optional(context: ActionContext, version: str, part: str) -> bool:
    parts = (
        each
        for document in _documents(context)
        if document.version == version
        for each in document.parts
    )
    return any(each.key == part and each.optional for each in parts)


def _check(
    context: ActionContext,
    report: ConsentReport,
    documents: list[Document],
    corrected: int | None = None,
) -> None:
    """Refuse what can't be of one of these documents; None: the consent is new."""
    document = next((each for each in documents if each.version == report.version), documents[0])
    problems = [*_explained(context, report), *_times(context, report, corrected)]
    if report.version != document.version:
        words = _("The consent in force is version %(version)s. Use that one.")
        problems.append(Problem("version", words % {"version": document.version}))
    if report.language not in document.languages:
        problems.append(Problem("language", _("The document does not exist in this language.")))
    problems += _of_parts(document, report.parts)
    problems += problems_of_giver(document, report, context.day_of(report.given_at))
    if problems:
        raise ActionRefused(problems=tuple(problems))


def _explained(context: ActionContext, report: ConsentReport) -> list[Problem]:
    # Who explains it needs not be who records it.
    explainers = context.protocol.roles.who_may(Act.EXPLAIN_CONSENT)
    team = Membership.objects.filter(study=context.study.identifier, role__in=explainers)
    if team.filter(person=report.explained_by).exists():
        return []
    return [Problem("explained_by", _("Choose who explained it from the study team."))]


def _times(context: ActionContext, report: ConsentReport, corrected: int | None) -> list[Problem]:
    """What is wrong with when it was given: before screening, in the future, out of its order."""
    participant, given = context.participant, report.given_at
    # By days: who asks first may well be written into the screening log afterwards.
    if context.day_of(given) < context.day_of(participant.screened_at) or given > context.at:
        return [Problem("given_at", _("Enter a time from the day of screening to now."))]
    if corrected is None:
        return []
    others = _consents(context)
    before, after = others[: corrected - 1], others[corrected:]
    if (before and given <= before[-1].given_at) or (after and given >= after[0].given_at):
        words = _("Enter a time between the consents before and after it.")
        return [Problem("given_at", words)]
    if corrected == 1 and participant.eligible_at is not None and given > participant.eligible_at:
        words = _(
            "The eligibility was signed on %(day)s, and no signature comes before consent. Enter "
            "an earlier time, or record a protocol deviation."
        )
        day = {"day": context.day_of(participant.eligible_at).isoformat()}
        return [Problem("given_at", words % day)]
    return []


def _of_parts(document: Document, parts: Mapping[str, bool]) -> list[Problem]:
    problems = []
    for part in document.parts:
        if part.key not in parts:
            words = _("Say whether the participant agreed to this part.")
            problems.append(Problem(part.key, words))
        elif not parts[part.key] and not part.optional:
            words = _(
                "Without this part there is no consent. If the participant declines it, "
                "record a screening failure."
            )
            problems.append(Problem(part.key, words))
    if unknown := set(parts) - {part.key for part in document.parts}:
        words = _("The document has no part “%(part)s”.")
        problems.append(Problem("", words % {"part": min(unknown)}))
    return problems


def _note_before_consent(context: ActionContext) -> None:
    """Note the visits that took place before the consent did."""
    participant = context.participant
    assert participant.consented_at is not None  # noqa: S101 - it was corrected
    early = VisitRecord.objects.filter(
        participant=participant,
        status=VisitStatus.DONE.value,
        actual__lt=context.day_of(participant.consented_at),
    )
    for record in early:
        assert record.actual is not None  # noqa: S101 - it was compared
        note(context, DeviationKind.CONSENT, on=record.actual, subject=record.visit)
