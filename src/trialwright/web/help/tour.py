"""A first day on the demonstration: for each role what to do first, on real pages and records."""

from collections.abc import Callable, Iterator

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.functional import cached_property
from django.utils.translation import gettext as _

from trialwright.accounts.models import Person
from trialwright.accounts.policy import Act, may
from trialwright.conduct.participants.planning import OVER
from trialwright.conduct.reads.adverse_events import events_seen
from trialwright.conduct.reads.cuts import cuts
from trialwright.conduct.reads.holds import decider_of
from trialwright.conduct.reads.participants import participants, visible_queries
from trialwright.conduct.reads.steps import NextStep
from trialwright.conduct.reads.verification import plans_of_sites, to_verify
from trialwright.conduct.reads.waiting import Waiting, visits_seen, waiting_for
from trialwright.web.clinical.frame import Frame
from trialwright.web.clinical.step_words import STEP_PLACES, step_place
from trialwright.web.clinical.today import personal_context, signed_in
from trialwright.web.help.safety_walk import safety_walk
from trialwright.web.help.stops import Stop

MOST = 7
"""Stops of one role in one study: a first day, not all that it may do."""


class Ground:
    """One study as a person has it; each kind of record is looked for once, when it is asked."""

    def __init__(self, frame: Frame) -> None:
        self.frame = frame

    def may(self, *acts: Act) -> bool:
        """Whether the person may do one of these anywhere in the study."""
        return any(may(self.frame.actor, act) for act in acts)

    @cached_property
    def sees(self) -> bool:
        """Whether they see participants."""
        return self.may(Act.SEE_PARTICIPANTS)

    @cached_property
    def waits(self) -> Waiting:
        """What waits for them."""
        return waiting_for(self.frame.actor)

    @cached_property
    def code(self) -> str:
        """A participant with a story to read: randomised, else the first there is, else ""."""
        lines = participants(self.frame.actor) if self.sees else []
        lines.sort(key=lambda line: (line.randomised_at is None, line.state in OVER, line.code))
        return lines[0].code if lines else ""

    def at(self, place: str) -> str:
        """An address of the study."""
        return f"{self.frame.href}/{place}"


def stops(frame: Frame) -> list[Stop]:
    """What a person does first in a study, most of their own work first."""
    ground = Ground(frame)
    found = [Stop(*_today())]
    for look in _LOOKS:
        found += look(ground)
    return found[:MOST]


@signed_in
def tour_page(request: HttpRequest, frames: list[Frame]) -> HttpResponse:
    """A first day on the demonstration, for the roles that the person has there."""
    shown = [frame for frame in frames if frame.demonstration]
    assert isinstance(request.user, Person)  # noqa: S101 - signed_in
    context = personal_context(
        request, frames, _("Your first day"),
        studies=[
            (frame.actor.study, frame.person_mark().role, stops(frame), safety_walk(frame))
            for frame in shown
        ],
        several=len(shown) > 1,
        demonstration=True,
    )  # fmt: skip
    return render(request, "web/help/tour.html", context)


def _today() -> tuple[str, str, str, str]:
    why = _("Everything that waits for you stands there, and each row leads to where it is done.")
    return _("See what waits for you today"), why, "/today", "a-day"


def _steps(on: Ground) -> Iterator[Stop]:
    """The first step of a participant that the person could take now."""
    first = next(iter(on.waits.steps), None)
    if first is None:
        return
    fixed = isinstance(first.step, NextStep)
    place = STEP_PLACES[first.step] if isinstance(first.step, NextStep) else step_place(first.step)
    yield Stop(
        _("Take the next step of {code}").format(code=first.code),
        _("The page says what it is, what must come before, and asks before anything is done."),
        on.at(f"participants/{first.code}/{place}"),
        "a-participant-enters" if fixed else "treatment-and-blinding",
    )


def _visit(on: Ground) -> Iterator[Stop]:
    """A visit whose forms wait, or one that is due."""
    visit = on.waits.forms.first()
    if visit is not None:
        place = f"participants/{visit.participant.code}/visits/{visit.visit}"
        what = _("Fill in the forms of a visit of {code}").format(code=visit.participant.code)
        why = _("Try the keyboard alone. Type a wrong date, and something unlikely; go away and "
                "come back.")  # fmt: skip
        yield Stop(what, why, on.at(place), "visits-and-forms")
    elif on.may(Act.PLAN_VISITS) and (visit := on.waits.overdue.first() or on.waits.due.first()):
        place = f"participants/{visit.participant.code}/visits/{visit.visit}"
        what = _("Record that a visit of {code} took place").format(code=visit.participant.code)
        why = _("Its forms open with it; a day outside the window becomes a deviation.")
        yield Stop(what, why, on.at(place), "visits-and-forms")
    elif on.may(Act.PLAN_VISITS) and (visit := visits_seen(on.frame.actor).first()):
        place = f"participants/{visit.participant.code}/visits/{visit.visit}"
        what = _("Open a visit of {code}").format(code=visit.participant.code)
        why = _("Its window, its day and its forms are there, and how far each of them is.")
        yield Stop(what, why, on.at(place), "visits-and-forms")


def _signatures(on: Ground) -> Iterator[Stop]:
    if on.waits.signatures.exists():
        why = _("The answers are shown once more; the signature asks your password.")
        yield Stop(_("Check and sign a form"), why, on.at("to-sign"), "signing")


def _screening(on: Ground) -> Iterator[Stop]:
    if on.may(Act.SCREEN):
        why = _("The code is given then, and no name is asked. The consent comes next.")
        yield Stop(_("Screen somebody"), why, on.at("screen"), "a-participant-enters")


def _queries(on: Ground) -> Iterator[Stop]:
    if not on.sees or not on.may(Act.ANSWER_QUERY, Act.RAISE_QUERY):
        return
    query = on.waits.queries.first() or on.waits.answers.first()
    query = query or visible_queries(on.frame.actor).order_by("-number").first()
    if query is not None:
        what = _("Read query {number}").format(number=query.number)
        why = _("The value it asks about, and all that was said, stand on one page.")
        yield Stop(what, why, on.at(f"queries/{query.number}"), "queries")


def _verification(on: Ground) -> Iterator[Stop]:
    if not on.sees or not on.may(Act.VERIFY_SOURCE):
        return
    by = on.frame.actor
    entry = to_verify(by, plans_of_sites(by)).first()
    if entry is not None:
        code = entry.participant.code
        place = f"participants/{code}/visits/{entry.visit}/{entry.form}/{entry.repeat}/source"
        what = _("Verify a form of {code} in its source").format(code=code)
        why = _("Say value by value that it agrees, or ask where it doesn't.")
        yield Stop(what, why, on.at(place), "monitoring")


def _events(on: Ground) -> Iterator[Stop]:
    acts = (Act.RECORD_EVENTS, Act.JUDGE_EVENTS, Act.JUDGE_EVENTS_FOR_SPONSOR,
            Act.ADJUDICATE_EVENTS, Act.REPORT_SAFETY)  # fmt: skip
    event = events_seen(on.frame.actor).first() if on.sees and on.may(*acts) else None
    if event is not None:
        what = _("Read adverse event {number} of {code}").format(
            number=event.number, code=event.participant.code
        )
        why = _("Its grades, whether it is serious and why, and who thinks what of its cause.")
        yield Stop(what, why, on.at(f"adverse-events/{event.number}"), "safety")


def _holds(on: Ground) -> Iterator[Stop]:
    if on.sees and decider_of(on.frame.actor, on.frame.protocol) is not None:
        why = _("Where each stopping rule stands, and who can end a hold.")
        yield Stop(_("See whether the trial is on hold"), why, on.at("holds"), "safety")


def _cuts(on: Ground) -> Iterator[Stop]:
    if not on.may(Act.SEE_CUTS):
        return
    last = next(iter(cuts(on.frame.actor)), None)
    why = _("It is made from a frozen state of the data and can be made again, byte for byte.")
    if last is None:
        yield Stop(_("Make a data cut"), why, on.at("cuts"), "figures-and-reports")
    elif on.may(Act.SEE_ARMS):
        what, place = _("Read the report by arm"), f"cuts/{last.name}/report-by-arm.html"
        yield Stop(what, why, on.at(place), "figures-and-reports")
    else:
        what, place = _("Read the pooled report"), f"cuts/{last.name}/report.html"
        yield Stop(what, why, on.at(place), "figures-and-reports")


def _setup(on: Ground) -> Iterator[Stop]:
    if on.may(Act.MANAGE_PEOPLE):
        why = _("Who holds which role where, and the link with which somebody comes in.")
        yield Stop(_("See the people of the study"), why, on.at("setup/people"), "setting-up")
        why = _("From protocol to open sites, each with the way to it.")
        yield Stop(_("See how a study is set up"), why, on.at("setup"), "setting-up")


def _story(on: Ground) -> Iterator[Stop]:
    if on.code:
        what = _("Read the story of {code}").format(code=on.code)
        why = _("Visits, steps and open items of one participant; the timeline says what was when.")
        yield Stop(what, why, on.at(f"participants/{on.code}"), "a-participant-enters")


def _dashboards(on: Ground) -> Iterator[Stop]:
    if on.sees:
        why = _("Enrolment, completeness, queries and sites in pictures, each with its table.")
        yield Stop(_("See how the study goes"), why, on.at("dashboard"), "figures-and-reports")


def _ledger(on: Ground) -> Iterator[Stop]:
    if on.may(Act.SEE_LEDGER):
        why = _("Who entered or changed what, when and why; nothing in it can be rewritten.")
        yield Stop(_("Read the audit trail"), why, on.at("ledger"), "monitoring")


def _protocol(on: Ground) -> Iterator[Stop]:
    why = _("Every fact of it has an origin; what is only assumed is marked.")
    yield Stop(_("Read the protocol"), why, on.at("protocol"), "setting-up")


_LOOKS: tuple[Callable[[Ground], Iterator[Stop]], ...] = (
    _steps, _visit, _signatures, _screening, _verification, _queries, _events, _holds, _cuts,
    _setup, _story, _dashboards, _ledger, _protocol,
)  # fmt: skip
