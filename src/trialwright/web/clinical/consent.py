"""Consent and the end of screening, each a step of its own."""

from collections.abc import Iterable
from functools import partial
from uuid import UUID

from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from trialwright.accounts.models import Membership
from trialwright.accounts.policy import Act
from trialwright.conduct.actions import consenting, screening
from trialwright.conduct.models import Participant
from trialwright.conduct.planning import ZONE
from trialwright.conduct.reads.participants import one
from trialwright.protocol.basics import Text
from trialwright.protocol.forms import Item, ItemType
from trialwright.protocol.model import Consent
from trialwright.web.clinical import steps
from trialwright.web.clinical.frame import Frame, in_study, name_and_role
from trialwright.web.clinical.steps import Given, both, question

_LANGUAGES = {"en": Text("English", "英文"), "zh": Text("Chinese", "中文")}


@in_study
def consent_page(frame: Frame, code: str) -> HttpResponse:
    """Record a consent."""
    participant = one(frame.actor, code, Act.CONSENT)
    href = f"{frame.href}/participants/{code}"
    document = frame.protocol.consent
    assert document is not None  # noqa: S101 - the loader wants one in a study's protocol
    now = timezone.now().astimezone(ZONE)
    step = steps.Step(
        heading=_("Record the consent of {code}").format(code=code),
        button=_("Record the consent"),
        form=steps.form_of(*_questions(document, _explainers(participant))),
        act=partial(_consent, frame, code, document),
        done=_("The consent is recorded."),
        then=href,
        intro=_("Version {version} of the consent document. No study procedure comes before it.")
        .format(version=document.version),
        start={
            "language": document.languages[-1],
            "given_on": now.date().isoformat(),
        },
    )  # fmt: skip
    return steps.run(frame, step, frame.about(participant, step.heading, crumbs=[]))


def _explainers(participant: Participant) -> Iterable[Membership]:
    """The team of her site."""
    team = Membership.objects.filter(study=participant.study_id, role__in=consenting.EXPLAINERS)
    here = team.filter(site__in=("", participant.site))
    return here.select_related("person").order_by("person__name")


def _questions(document: Consent, explainers: Iterable[Membership]) -> list[Item]:
    people = []
    for row in explainers:
        words = name_and_role(row.person.name, row.role)
        people.append((str(row.person_id), both(words, words)))
    languages = [(code, _LANGUAGES[code]) for code in document.languages]
    return [
        question("given_on", both("Day she agreed", "同意日期"), ItemType.DATE),
        question("given_at", both("Time she agreed", "同意时间"), ItemType.TIME),
        question(
            "language", both("Language of the document", "知情同意书语言"), ItemType.CHOICE,
            code_list=steps.choices("language", *languages),
        ),
        question(
            "explained_by", both("Who explained it", "讲解人"), ItemType.CHOICE,
            code_list=steps.choices("explained_by", *people),
        ),
        *(
            question(f"part_{part.key}", part.label, ItemType.YES_NO)
            for part in document.parts
        ),
    ]  # fmt: skip


def _consent(frame: Frame, code: str, document: Consent, given: Given) -> None:
    consenting.consent(
        by=frame.actor,
        code=code,
        version=document.version,
        language=str(given["language"]),
        explained_by=UUID(str(given["explained_by"])),
        given_at=steps.moment(given["given_on"], given["given_at"]),
        parts={part.key: given[f"part_{part.key}"] is True for part in document.parts},
    )


@in_study
def screen_failure_page(frame: Frame, code: str) -> HttpResponse:
    """Record that she doesn't enter the trial."""
    participant = one(frame.actor, code, Act.SCREEN)
    form = steps.form_of(
        question(
            "reason", both("Why she does not enter the trial", "未进入试验的原因"),
            ItemType.TEXT, longest=500,
        )
    )  # fmt: skip
    step = steps.Step(
        heading=_("Record a screening failure"),
        button=_("Record the screening failure"),
        form=form,
        act=lambda given: screening.fail_screening(
            by=frame.actor, code=code, reason=str(given["reason"])
        ),
        done=_("The screening failure is recorded."),
        then=f"{frame.href}/participants/{code}",
    )
    return steps.run(frame, step, frame.about(participant, step.heading, crumbs=[]))
