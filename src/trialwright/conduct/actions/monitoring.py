"""Visits of monitors: the report is written, signed and acknowledged; its findings are followed."""

from dataclasses import dataclass
from datetime import date, datetime
from functools import partial

from django.db.models import Max
from django.utils.translation import gettext_lazy as _

from trialwright.accounts.models import Site
from trialwright.accounts.policy import Act, Actor, role_to_acknowledge
from trialwright.conduct import visit_reports
from trialwright.conduct.acting import ActionContext, acting
from trialwright.conduct.clock import day_of, zones_of
from trialwright.conduct.models import MonitoringVisit, Participant, VisitFinding
from trialwright.conduct.models.monitoring import Severity, VisitKind
from trialwright.conduct.refusals import ActionRefused, NotFound, Problem, Sentence
from trialwright.conduct.visit_reports import FindingState, findings_of, state_of

LONGEST_SUMMARY = 10_000
LONGEST = 2_000


@dataclass(frozen=True, slots=True)
class VisitReport:
    """What a monitor writes of a visit to a site, apart from its findings."""

    site: str
    kind: VisitKind
    first_day: date
    last_day: date
    summary: str


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found, what the site is asked to do, and until when; `participant` by code and
    `form` by key where it is about one."""

    severity: Severity
    description: str
    action: str
    due: date
    participant: str = ""
    form: str = ""


def record_visit(
    *, by: Actor, report: VisitReport, number: int | None = None, at: datetime | None = None
) -> int:
    """Write the report of a visit, or correct it until it is signed; returns its number.

    Raises:
        NotFound: this person doesn't verify at the site, or there is no such report of it.
        ActionRefused: it is signed, or something is missing or can't be.
    """
    with acting(by, partial(_verifies, report.site), "record_monitoring_visit", at=at) as context:
        earlier = None if number is None else _unsigned(context, number)
        if earlier is not None and earlier.site != report.site:
            raise NotFound
        _check_report(context, report)
        written = {
            "kind": report.kind.value,
            "first_day": report.first_day,
            "last_day": report.last_day,
            "summary": report.summary.strip(),
        }
        if earlier is not None:
            context.change(earlier, **written)
            return earlier.number
        last = MonitoringVisit.objects.filter(study=context.study).aggregate(n=Max("number"))["n"]
        row = MonitoringVisit(
            study=context.study,
            number=(last or 0) + 1,
            site=report.site,
            recorded_at=context.at,
            recorded_by=context.by.person_id,
            role=context.role,
            **written,
        )
        context.record(row)
        return row.number


def record_finding(
    *,
    by: Actor,
    visit: int,
    finding: Finding,
    number: int | None = None,
    at: datetime | None = None,
) -> int:
    """Add a finding to a report that isn't signed, or correct one; returns its number.

    Raises:
        NotFound: there is no such report or finding for this person, or no such participant of the
            site or form of the protocol.
        ActionRefused: the report is signed, or something is missing or can't be.
    """
    with acting(by, partial(_verifies_visit, visit), "record_finding", at=at) as context:
        report = _unsigned(context, visit)
        participant = _participant(context, report, finding.participant)
        _check_finding(context, report, finding)
        written = {
            "severity": finding.severity.value,
            "participant": participant,
            "form": finding.form,
            "description": finding.description.strip(),
            "action": finding.action.strip(),
            "due": finding.due,
        }
        if number is not None:
            context.change(_finding(report, number), **written)
            return number
        last = report.findings.aggregate(n=Max("number"))["n"]
        row = VisitFinding(visit=report, number=(last or 0) + 1, **written)
        context.record(row)
        return row.number


def remove_finding(*, by: Actor, visit: int, number: int, at: datetime | None = None) -> None:
    """Take a finding out of a report that isn't signed."""
    with acting(by, partial(_verifies_visit, visit), "remove_finding", at=at) as context:
        context.remove(_finding(_unsigned(context, visit), number))


def sign_visit(*, by: Actor, number: int, content_hash: str, at: datetime | None = None) -> None:
    """Sign the report with its findings: the site finds it there from then on.

    Args:
        content_hash: of what was read.
    """
    with acting(by, partial(_verifies_visit, number), "sign_monitoring_visit", at=at) as context:
        report = _unsigned(context, number)
        _require_same(content_hash, visit_reports.content_hash(report, findings_of(report)))
        context.change(
            report,
            content_hash=content_hash,
            signed_at=context.at,
            signed_by=context.by.person_id,
            signed_as=context.role,
        )


def acknowledge_visit(
    *, by: Actor, number: int, content_hash: str, at: datetime | None = None
) -> None:
    """Acknowledge a signed report as the investigator of the site.

    Raises:
        NotFound: there is no signed report, or this person isn't the site's investigator.
        ActionRefused: it is acknowledged already.
    """

    def role(context: ActionContext) -> str | None:
        return role_to_acknowledge(context.by, _signed(context, number).site)

    with acting(by, role, "acknowledge_monitoring_visit", at=at) as context:
        report = _signed(context, number)
        if report.acknowledged_at is not None:
            raise ActionRefused(_("This report was acknowledged already."))
        _require_same(content_hash, report.content_hash)
        context.change(
            report,
            acknowledged_at=context.at,
            acknowledged_by=context.by.person_id,
            acknowledged_as=context.role,
        )


def answer_finding(
    *, by: Actor, visit: int, number: int, answer: str, at: datetime | None = None
) -> None:
    """Say for the site what was done about a finding; it waits for who verifies then."""

    def role(context: ActionContext) -> str | None:
        return context.by.role_for(Act.ANSWER_QUERY, _signed(context, visit).site)

    with acting(by, role, "answer_finding", at=at) as context:
        row = _followed(context, visit, number)
        _require_words("answer", answer, _("Write what was done about it."))
        context.change(
            row,
            answer=answer.strip(),
            answered_at=context.at,
            answered_by=context.by.person_id,
            reply=None,
            replied_at=None,
            replied_by=None,
        )


def reply_to_finding(
    *, by: Actor, visit: int, number: int, settled: bool, reply: str, at: datetime | None = None
) -> None:
    """Say whether the site's answer settles a finding, which closes it; else it waits for the site
    again.

    Raises:
        ActionRefused: the finding isn't answered, it is closed, or the words are missing.
    """
    with acting(by, partial(_verifies_visit, visit), "reply_to_finding", at=at) as context:
        row = _followed(context, visit, number)
        if state_of(row) is not FindingState.ANSWERED:
            raise ActionRefused(_("The site hasn't answered this finding. Wait for its answer."))
        _require_words("reply", reply, _("Write how it was settled, or what is still to be done."))
        context.change(
            row,
            reply=reply.strip(),
            replied_at=context.at,
            replied_by=context.by.person_id,
            closed_at=context.at if settled else None,
        )


def _verifies(site: str, context: ActionContext) -> str | None:
    return context.by.role_for(Act.VERIFY_SOURCE, site)


def _verifies_visit(number: int, context: ActionContext) -> str | None:
    return _verifies(_visit(context, number).site, context)


def _visit(context: ActionContext, number: int) -> MonitoringVisit:
    row = MonitoringVisit.objects.filter(study=context.study, number=number).first()
    if row is None:
        raise NotFound
    return row


def _unsigned(context: ActionContext, number: int) -> MonitoringVisit:
    row = _visit(context, number)
    if row.signed_at is not None:
        raise ActionRefused(
            _("This report is signed, so it doesn't change any more. Record what comes after it "
              "as another visit.")
        )  # fmt: skip
    return row


def _signed(context: ActionContext, number: int) -> MonitoringVisit:
    row = _visit(context, number)
    if row.signed_at is None:
        raise NotFound
    return row


def _finding(visit: MonitoringVisit, number: int) -> VisitFinding:
    row = visit.findings.filter(number=number).first()
    if row is None:
        raise NotFound
    return row


def _followed(context: ActionContext, visit: int, number: int) -> VisitFinding:
    row = _finding(_signed(context, visit), number)
    if row.closed_at is not None:
        raise ActionRefused(_("This finding is closed. What comes after it is a new finding."))
    return row


def _participant(context: ActionContext, visit: MonitoringVisit, code: str) -> Participant | None:
    if not code.strip():
        return None
    rows = Participant.objects.filter(study=context.study, site=visit.site)
    row = rows.filter(code=code.strip().upper()).first()
    if row is None:
        words = _("The site %(site)s has no participant %(code)s. Enter a code of this site, or "
                  "leave it empty.")  # fmt: skip
        raise _at("participant", words % {"site": visit.site, "code": code.strip()})
    return row


def _check_report(context: ActionContext, report: VisitReport) -> None:
    if not Site.objects.filter(study=context.study.pk, code=report.site).exists():
        raise NotFound
    problems = []
    today = day_of(context.at, zones_of(context.study.pk).at(report.site))
    if report.last_day < report.first_day:
        problems.append(
            Problem(
                "last_day",
                _("The last day lies before the first one. Enter the first day or a later one."),
            )
        )
    if max(report.first_day, report.last_day) > today:
        field = "first_day" if report.first_day > today else "last_day"
        words = _("This day lies in the future. A visit is recorded once it took place.")
        problems.append(Problem(field, words))
    problems += _words_problems(
        "summary", report.summary, _("Write what was looked at and what was found."),
        LONGEST_SUMMARY,
    )  # fmt: skip
    if problems:
        raise ActionRefused(problems=tuple(problems))


def _check_finding(context: ActionContext, visit: MonitoringVisit, finding: Finding) -> None:
    if finding.form and finding.form not in {
        form.key for form in context.protocol.forms if not form.unmasking
    }:
        raise NotFound
    problems = [
        *_words_problems("description", finding.description, _("Write what was found.")),
        *_words_problems("action", finding.action, _("Write what the site is asked to do.")),
    ]
    if finding.due < visit.last_day:
        words = _("Enter the day of the visit's end, %(day)s, or a later one.")
        problems.append(Problem("due", words % {"day": visit.last_day.isoformat()}))
    if problems:
        raise ActionRefused(problems=tuple(problems))


def _words_problems(field: str, said: str, missing: Sentence, most: int = LONGEST) -> list[Problem]:
    if not said.strip():
        return [Problem(field, missing)]
    if len(said) > most:
        return [Problem(field, _("Write at most %(most)d characters.") % {"most": most})]
    return []


def _require_words(field: str, said: str, missing: Sentence) -> None:
    if problems := _words_problems(field, said, missing):
        raise ActionRefused(problems=tuple(problems))


def _require_same(read: str, stands: str | None) -> None:
    if read != stands:
        raise ActionRefused(
            _("The report was changed since you read it. Read it again, then sign.")
        )


def _at(field: str, words: Sentence) -> ActionRefused:
    return ActionRefused(problems=(Problem(field, words),))
