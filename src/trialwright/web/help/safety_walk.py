"""Safety from the lot to the board, on the records that a study has: what to read, in order."""

from collections.abc import Callable, Iterator

from django.db.models import Count
from django.utils.translation import gettext as _

from trialwright.accounts.policy import Act, may
from trialwright.conduct.reads.adverse_events import events_seen
from trialwright.conduct.reads.cases import is_reportable
from trialwright.conduct.reads.envelopes import keeps_envelopes
from trialwright.conduct.reads.holds import holds_seen
from trialwright.conduct.reads.meetings import meetings_seen
from trialwright.conduct.reads.pregnancies import pregnancies_seen
from trialwright.conduct.reads.products import near_misses, products_to_read, sees_products
from trialwright.conduct.reads.unblinding import unblindings_seen
from trialwright.custody.bedside import Refusal
from trialwright.custody.lots import LotStatus
from trialwright.web.clinical.frame import Frame
from trialwright.web.help.stops import Stop


def safety_walk(frame: Frame) -> list[Stop]:
    """The stops of which the study has a record that the person may see."""
    if not may(frame.actor, Act.SEE_PARTICIPANTS):
        return []
    return [stop for look in _LOOKS for stop in look(frame)]


def _stop(frame: Frame, what: str, why: str, place: str) -> Stop:
    return Stop(what, why, f"{frame.href}/{place}", "safety")


def _products(frame: Frame) -> Iterator[Stop]:
    """A lot that failed, a donor who was excluded, a container past its limit after thawing."""
    if not sees_products(frame.actor, frame.protocol):
        return
    told = products_to_read(frame.actor)
    lot = next((each for each in told.lots if each.status is LotStatus.FAILED), None)
    if lot is not None:
        what = _("See the lot {code}, which failed").format(code=lot.code)
        why = _("A late result failed it, and its stock was blocked in the same moment.")
        yield _stop(frame, what, why, f"products/lots/{lot.code}")
    donor = next((each for each in told.donors if each.excluded_at is not None), None)
    if donor is not None:
        what = _("Trace donor {code}, who was excluded").format(code=donor.code)
        why = _("From the donor to all lots, containers and participants, with the list of calls.")
        yield _stop(frame, what, why, f"products/trace?code={donor.code}")
    late = (each for each in near_misses(frame.actor) if Refusal.PAST_THAW in each.refusals)
    miss = next(late, None)
    if miss is not None:
        what = _("See the container that was thawed too long")
        why = _("It was refused at the bedside, and the refusal is kept as a near miss.")
        yield _stop(frame, what, why, f"products/containers/{miss.container}")


def _upgrade(frame: Frame) -> Iterator[Stop]:
    """An event whose grade changed, and its clocks."""
    events = events_seen(frame.actor).annotate(steps=Count("grades", distinct=True))
    event = events.filter(steps__gt=1, nullified="").order_by("number").first()
    if event is None:
        return
    what = _("Read event {number} of {code}, which grew worse").format(
        number=event.number, code=event.participant.code
    )
    why = _("It is one event with a history of grades; each change kept the older due time.")
    yield _stop(frame, what, why, f"adverse-events/{event.number}")
    yield _stop(
        frame,
        _("See who must be told what, by when"),
        _("Every report that is due, by which rule of the protocol, and what it still lacks."),
        "clocks",
    )
    if is_reportable(event) and may(frame.actor, Act.REPORT_SAFETY, site=event.participant.site):
        why = _("Write its narrative with the name of a product in it, and see what is said.")
        what = _("Make the report of event {number}").format(number=event.number)
        yield _stop(frame, what, why, f"adverse-events/{event.number}/case")


def _unblinding(frame: Frame) -> Iterator[Stop]:
    if unblindings_seen(frame.actor):
        why = _("That it happened, who it was and why stand there; never what was shown.")
        yield _stop(frame, _("See who was unblinded in an emergency"), why, "unblindings")
    if keeps_envelopes(frame.actor, frame.protocol):
        why = _("For when the system can't be reached: printed once, folded, accounted for.")
        yield _stop(frame, _("See the sealed envelopes"), why, "envelopes")


def _hold(frame: Frame) -> Iterator[Stop]:
    lines = holds_seen(frame.actor)
    if lines:
        lifted = any(each.decided_at is not None for each in lines)
        what = _("See the hold, and how it was lifted") if lifted else _("See the hold")
        why = _("A signed decision alone ends one; it is bound to the figures that were read.")
        yield _stop(frame, what, why, "holds")
    meeting = next(iter(meetings_seen(frame.actor)), None)
    if meeting is not None:
        why = _("The cut that the members read, who took part, and what they recommended.")
        what = _("Read meeting {number} of the board").format(number=meeting.number)
        yield _stop(frame, what, why, f"board/{meeting.number}")
    why = _("One page, one answer, and its reasons in order.")
    what = _("Ask whether the next participant may be treated today")
    yield _stop(frame, what, why, "next-participant")


def _pregnancy(frame: Frame) -> Iterator[Stop]:
    """A pregnancy after the treatment, one with a child before others."""
    found = sorted(pregnancies_seen(frame.actor), key=lambda each: not each.children)
    for each in found[:1]:
        why = _("Its outcome, each child, and what became of the child: a case of its own.")
        what = _("Follow the pregnancy of {code} to the child").format(code=each.code)
        yield _stop(frame, what, why, f"adverse-events/{each.case}")


_LOOKS: tuple[Callable[[Frame], Iterator[Stop]], ...] = (
    _products, _upgrade, _pregnancy, _unblinding, _hold,
)  # fmt: skip
