"""Consent (read, recorded, corrected, renewed, withdrawn in part) and the end of screening."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from trialwright.accounts.models import Membership
from trialwright.accounts.policy import Act, may
from trialwright.conduct.actions import consenting, screening
from trialwright.conduct.models import Participant
from trialwright.conduct.participants.consent_reports import ConsentReport
from trialwright.conduct.participants.reconsenting import document_to_renew
from trialwright.conduct.reads.consents import ConsentGiven, Consents, consents_of
from trialwright.conduct.reads.participants import one
from trialwright.conduct.refusals import NotFound
from trialwright.messages import Message
from trialwright.protocol.basics import Text
from trialwright.protocol.consent import Consent, Giver
from trialwright.protocol.forms import Item, ItemType
from trialwright.web import dates
from trialwright.web.clinical import steps
from trialwright.web.clinical.frame import Frame, in_study
from trialwright.web.clinical.steps import Given, question
from trialwright.web.components import Link, Row

_GIVERS = {
    Giver.PARTICIPANT: Message("The participant"),
    Giver.REPRESENTATIVE: Message("A legally authorised representative"),
}
_LANGUAGES = {"en": Message("English"), "zh": Message("Chinese")}


@in_study
def consent_page(frame: Frame, code: str) -> HttpResponse:
    """The consents to read; where there is none yet, the page that records it."""
    told = consents_of(frame.actor, code)
    if told.shared_with:
        return redirect(f"{frame.href}/participants/{told.shared_with}/consent")
    records = may(frame.actor, Act.CONSENT, site=told.participant.site)
    if frame.request.method == "POST" or (not told.given and records):
        return _record_page(frame, code)
    href = f"{frame.href}/participants/{code}/consent"
    last = told.last
    here = last is not None and not last.waived and records
    context = frame.about(
        told.participant,
        _("Consent of {code}").format(code=code),
        crumbs=[],
        sections=[
            (_heading(told, each), _rows(frame, each), f"{href}/{each.number}" if here else "")
            for each in reversed(told.given)
        ],
        action=Link(_("Record re-consent"), f"{href}/again") if here else None,
        others=[Link(_("Withdraw a part of the consent"), f"{href}/withdraw")]
        if here and told.withdrawable
        else [],
    )
    return render(frame.request, "web/consent.html", context)


def _heading(told: Consents, given: ConsentGiven) -> str:
    if given.waived:
        return _("Waiver of consent")
    day = dates.written(timezone.localtime(given.given_at).date())
    if given is told.last:
        return _("Consent of {day}, in force").format(day=day)
    return _("Consent of {day}, renewed since").format(day=day)


def _rows(frame: Frame, given: ConsentGiven) -> list[Row]:
    at = timezone.localtime(given.given_at)
    if given.waived:
        waived = frame.protocol.consent.waived if frame.protocol.consent else None
        return [
            Row(_("Consent"), _("Waived")),
            Row(_("Reason"), waived.in_language(frame.language) if waived else ""),
            Row(_("Data are taken from"), dates.written(at.date())),
            Row(_("Entered by"), given.explained_by, unsaid=_("Not known")),
        ]
    language = _LANGUAGES.get(given.language)
    rows = [
        Row(_("Given"), f"{dates.written(at.date())}, {at:%H:%M}"),
        *_giver_rows(given),
        Row(_("Version of the document"), given.version),
        Row(
            _("Language of the document"),
            language.in_language(frame.language) if language else given.language,
        ),
        Row(_("Explained by"), given.explained_by, unsaid=_("Not known")),
    ]
    for part in given.parts:
        words = _("Agreed") if part.agreed else _("Declined")
        if part.withdrawn_on is not None:
            words = _("Agreed, withdrawn on {day}").format(day=dates.written(part.withdrawn_on))
        if part.reason:
            words = _("{what}: {reason}").format(what=words, reason=part.reason)
        rows.append(Row(part.label.in_language(frame.language), words))
    return rows


def _giver_rows(given: ConsentGiven) -> list[Row]:
    """Who gave it, where that isn't the participant alone."""
    rows = []
    if given.given_by is Giver.REPRESENTATIVE:
        rows.append(Row(_("Given by"), _GIVERS[given.given_by].in_language(get_language() or "en")))
        said = {True: _("Given"), False: _("Not asked for"), None: _("Not asked for")}
        rows.append(Row(_("Assent of the participant"), said[given.assent]))
    if given.born:
        rows.append(Row(_("Participant born"), given.born))
    return rows


def _record_page(frame: Frame, code: str) -> HttpResponse:
    """Record the first consent."""
    participant = one(frame.actor, code, Act.CONSENT)
    document = _document(frame)
    if document.waived is not None:
        return _waiver_page(frame, participant, document.waived)
    step = steps.Step(
        heading=_("Record the consent of {code}").format(code=code),
        button=_("Record the consent"),
        form=steps.form_of(*_questions(frame, participant, [document])),
        act=lambda given: consenting.consent(
            by=frame.actor, code=code, report=_report(given, document)
        ),
        done=_("The consent is recorded."),
        then=f"{frame.href}/participants/{code}",
        intro=_(
            "Version {version} of the consent document. No study procedure comes before it."
        ).format(version=document.version),
    )
    return steps.run(frame, step, frame.about(participant, step.heading, crumbs=[]))


def _waiver_page(frame: Frame, participant: Participant, why: Text) -> HttpResponse:
    """Enter a participant whose consent is waived."""
    step = steps.Step(
        heading=_("Enter {code} under the waiver of consent").format(code=participant.code),
        button=_("Enter the participant"),
        form=steps.form_of(
            question(
                "data_from", Message("Data are taken from"), ItemType.DATE,
                hint=Message("It may lie before the protocol was signed; such visits are marked"),
            )
        ),
        act=lambda given: consenting.enter_under_waiver(
            by=frame.actor, code=participant.code, data_from=steps.day(given["data_from"])
        ),
        done=_("The participant is entered."),
        then=f"{frame.href}/participants/{participant.code}",
        intro=_("Consent is waived: {why}").format(why=why.in_language(frame.language)),
    )  # fmt: skip
    return steps.run(frame, step, frame.about(participant, step.heading, crumbs=[]))


@in_study
def again_page(frame: Frame, code: str) -> HttpResponse:
    """Record a consent that is given again."""
    participant = one(frame.actor, code, Act.CONSENT)
    document = document_to_renew(participant, frame.protocol) or _document(frame)

    def act(given: Given) -> None:
        report = _report(given, document)
        consenting.renew_consent(by=frame.actor, code=code, report=report)

    step = steps.Step(
        heading=_("Record the re-consent of {code}").format(code=code),
        button=_("Record the re-consent"),
        form=steps.form_of(*_questions(frame, participant, [document])),
        act=act,
        done=_("The re-consent is recorded. It counts for every part from now on."),
        then=f"{frame.href}/participants/{code}/consent",
        intro=_("Version {version} of the consent document is in force.").format(
            version=document.version
        ),
    )
    return _run(frame, participant, step)


@in_study
def correct_page(frame: Frame, code: str, number: int) -> HttpResponse:
    """Correct what was recorded of a consent, with the reason."""
    participant = one(frame.actor, code, Act.CONSENT)
    told = consents_of(frame.actor, code)
    if not 1 <= number <= len(told.given):
        raise NotFound
    found = told.given[number - 1]
    reason = question("reason", Message("Why it is corrected"), ItemType.TEXT, longest=500)

    def act(given: Given) -> None:
        version = str(given.get("version", found.version))
        document = next(each for each in told.documents if each.version == version)
        consenting.correct_consent(
            by=frame.actor, code=code, number=number, report=_report(given, document),
            reason=str(given["reason"]),
        )  # fmt: skip

    step = steps.Step(
        heading=_("Correct the consent of {code}").format(code=code),
        button=_("Save the correction"),
        form=steps.form_of(*_questions(frame, participant, told.documents), reason),
        act=act,
        done=_("The consent is corrected; what stood there before is in the audit trail."),
        then=f"{frame.href}/participants/{code}/consent",
        start=_recorded(found),
    )
    return _run(frame, participant, step)


@in_study
def withdraw_page(frame: Frame, code: str) -> HttpResponse:
    """Record that a part of the consent is withdrawn."""
    participant = one(frame.actor, code, Act.CONSENT)
    parts = consents_of(frame.actor, code).withdrawable
    options = [(part.key, part.label) for part in parts]
    form = steps.form_of(
        question(
            "part", Message("Which part is withdrawn?"), ItemType.CHOICE,
            code_list=steps.choices("part", *options),
        ),
        question("on", Message.in_context("step", "Day"), ItemType.DATE),
        question(
            "reason", Message("Reason"), ItemType.TEXT, longest=500, optional=True,
            hint=Message("No reason for withdrawing need be given"),
        ),
    )  # fmt: skip
    step = steps.Step(
        heading=_("Withdraw a part of the consent of {code}").format(code=code),
        button=_("Record the withdrawal"),
        form=form,
        act=lambda given: consenting.withdraw_part(
            by=frame.actor,
            code=code,
            part=str(given["part"]),
            on=steps.day(given["on"]),
            reason=str(given.get("reason", "")),
        ),
        done=_("The withdrawal is recorded."),
        then=f"{frame.href}/participants/{code}/consent",
        intro=_("Without an optional part the participation goes on; to end it, record its "
                "discontinuation.")
        if options
        else _("No part that could be withdrawn alone is agreed to."),
    )  # fmt: skip
    return _run(frame, participant, step, no_button=not options)


def _run(
    frame: Frame, participant: Participant, step: steps.Step, *, no_button: bool = False
) -> HttpResponse:
    crumbs = [Link(_("Consent"), f"{frame.href}/participants/{participant.code}/consent")]
    context = frame.about(participant, step.heading, crumbs=crumbs, no_button=no_button)
    return steps.run(frame, step, context)


def _document(frame: Frame) -> Consent:
    document = frame.protocol.consent
    assert document is not None  # noqa: S101 - the loader wants one in a study's protocol
    return document


def _questions(frame: Frame, participant: Participant, documents: Sequence[Consent]) -> list[Item]:
    """What is asked of a consent; the version where there are several."""
    roles = frame.protocol.roles.who_may(Act.EXPLAIN_CONSENT)
    team = Membership.objects.filter(study=participant.study_id, role__in=roles)
    here = team.filter(site__in=("", participant.site))
    people: list[tuple[str, Text]] = []
    for row in here.select_related("person").order_by("person__name"):
        words = frame.name_and_role(row.person.name, row.role)
        people.append((str(row.person_id), Text(words, words)))
    codes = dict.fromkeys(code for each in documents for code in each.languages)
    languages = [(code, _LANGUAGES[code]) for code in codes]
    parts = {part.key: part for each in documents for part in each.parts}
    versions = [(each.version, Text(each.version, each.version)) for each in documents]
    of_version = question(
        "version", Message("Version of the document"), ItemType.CHOICE,
        code_list=steps.choices("version", *versions),
    )  # fmt: skip
    return [
        question("given_on", Message("Date of consent"), ItemType.DATE),
        question("given_at", Message("Time of consent"), ItemType.TIME),
        *_of_giver(documents),
        *([of_version] if len(documents) > 1 else []),
        question(
            "language", Message("Language of the document"), ItemType.CHOICE,
            code_list=steps.choices("language", *languages),
        ),
        question(
            "explained_by", Message("Who explained it"), ItemType.CHOICE,
            code_list=steps.choices("explained_by", *people),
        ),
        *(
            question(f"part_{key}", part.label, ItemType.YES_NO)
            for key, part in parts.items()
        ),
    ]  # fmt: skip


def _of_giver(documents: Sequence[Consent]) -> list[Item]:
    """Who gives it, when the participant was born, and the assent, as far as it is asked."""
    givers = dict.fromkeys(giver for each in documents for giver in each.given_by)
    asked = []
    if len(givers) > 1:
        people = steps.choices("given_by", *((each.value, _GIVERS[each]) for each in givers))
        label = Message("Who consents")
        asked.append(question("given_by", label, ItemType.CHOICE, code_list=people))
    if any(each.asks_birth for each in documents):
        label, hint = Message("When the participant was born"), Message("As far as it is known")
        asked.append(question("born", label, ItemType.PARTIAL_DATE, hint=hint))
    ages = [each.assent_from for each in documents if each.assent_from is not None]
    if ages:
        hint = Message("Of a representative’s consent, from {age} years on", age=str(min(ages)))
        label = Message("Does the participant assent?")
        asked.append(question("assent", label, ItemType.YES_NO, hint=hint, optional=True))
    return asked


def _report(given: Given, document: Consent) -> ConsentReport:
    only = document.given_by[0]
    return ConsentReport(
        given_by=Giver(str(given.get("given_by", only))),
        born=str(given.get("born", "")),
        assent=given.get("assent") is True if "assent" in given else None,
        version=document.version,
        language=str(given["language"]),
        explained_by=UUID(str(given["explained_by"])),
        given_at=steps.moment(given["given_on"], given["given_at"], "given_at"),
        parts={part.key: given[f"part_{part.key}"] is True for part in document.parts},
    )


def _recorded(found: ConsentGiven) -> Mapping[str, str]:
    """What is recorded of a consent, as its boxes hold it."""
    at = timezone.localtime(found.given_at)
    parts = {f"part_{part.key}": "yes" if part.agreed else "no" for part in found.parts}
    return {
        "given_on": at.date().isoformat(),
        "given_at": f"{at:%H:%M}",
        "given_by": found.given_by.value,
        "born": found.born,
        "assent": {True: "yes", False: "no", None: ""}[found.assent],
        "version": found.version,
        "language": found.language,
        "explained_by": str(found.explained_by_id),
        **parts,
    }


@in_study
def screen_failure_page(frame: Frame, code: str) -> HttpResponse:
    """Record that the participant doesn't enter the trial."""
    participant = one(frame.actor, code, Act.SCREEN)
    form = steps.form_of(
        question(
            "reason", Message("Why the participant does not enter the trial"),
            ItemType.TEXT, longest=500,
        )
    )  # fmt: skip
    step = steps.Step(
        heading=_("Record a screening failure"),
        button=_("Record the screening failure"),
        form=form,
        act=lambda given: screening.record_screen_failure(
            by=frame.actor, code=code, reason=str(given["reason"])
        ),
        done=_("The screening failure is recorded."),
        then=f"{frame.href}/participants/{code}",
    )
    return steps.run(frame, step, frame.about(participant, step.heading, crumbs=[]))
