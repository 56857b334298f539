"""Diaries of a participant: the entries that the protocol foresees, and who comes by a link.

The address of a link is its id under the installation's secret, its code follows from both, and
its browser is kept as a keyed hash: nothing that opens a diary lies in the database.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.core import signing
from django.utils.crypto import constant_time_compare, salted_hmac
from django.utils.translation import gettext_lazy as _

from trialwright.accounts.policy import Actor, Seat
from trialwright.conduct.acting import protocol_for
from trialwright.conduct.clock import day_of, zone_of
from trialwright.conduct.models import DiaryLink, Ending, Participant
from trialwright.conduct.participants.planning import anchors_of, still_comes
from trialwright.conduct.refusals import Sentence
from trialwright.conduct.tables import version_of
from trialwright.protocol.diaries import Slot, diary_visit
from trialwright.protocol.forms import Form
from trialwright.protocol.model import Protocol
from trialwright.protocol.roles import PARTICIPANT

LASTS = timedelta(days=14)
"""For how long a link that nobody has opened can be opened."""
MOST_TRIES = 10
"""After so many wrong codes a link is ended."""
CODE_DIGITS = 8
REPLACED, GUESSED = "another_link_made", "ten_wrong_codes"
"""Why a link ended that nobody ended by hand, as it is kept."""
_SIGNER = signing.Signer(salt="trialwright.diary", sep=".")


@dataclass(frozen=True, slots=True)
class OwnDiary:
    """A diary of a participant: its form, visit, and entries; none while its day 0 isn't known."""

    form: Form
    visit: str
    slots: tuple[Slot, ...]


def diaries_in(protocol: Protocol) -> tuple[Form, ...]:
    """The forms that participants fill in, in the protocol's order."""
    return tuple(form for form in protocol.forms if form.diary is not None)


def diaries_of(participant: Participant, protocol: Protocol) -> tuple[OwnDiary, ...]:
    """The diaries of a participant, counted from what is known today."""
    forms = diaries_in(protocol)
    anchors = anchors_of(participant, protocol) if forms else {}
    found = []
    for form in forms:
        diary = form.diary
        assert diary is not None  # noqa: S101 - so they were chosen
        first = anchors.get(diary.anchor)
        slots = () if first is None else diary.slots(first, zone_of(participant))
        found.append(OwnDiary(form, diary_visit(protocol, form.key).key, slots))
    return tuple(found)


def ended_on(participant: Participant, protocol: Protocol, form: str) -> date | None:
    """The last day of which a participant still writes; None while their part goes on."""
    if still_comes(participant, diary_visit(protocol, form)):
        return None
    days = Ending.objects.filter(participant_id=participant.pk).values_list("on", flat=True)
    return max(days, default=date.min)


def protocol_of_link(link: DiaryLink) -> Protocol:
    """The protocol under which the link's participant stands."""
    study = link.participant.study
    study.version = version_of(study.version_id)
    return protocol_for(link.participant, study.version)


def participant_actor(link: DiaryLink, protocol: Protocol) -> Actor:
    """The participant as the policy knows them: by their link, under the participant's role."""
    row = link.participant
    seats = frozenset({Seat(PARTICIPANT, row.site)})
    return Actor(row.pk, "", str(row.study_id), seats, protocol.roles, participant=row.code)


def token_of(id: UUID) -> str:
    """What stands in the address of a link."""
    return _SIGNER.sign(str(id))


def link_of(token: str) -> DiaryLink | None:
    """The link of an address; None where nobody made it."""
    try:
        id = UUID(_SIGNER.unsign(token))
    except (signing.BadSignature, ValueError):
        return None
    return DiaryLink.objects.select_related("participant__study").filter(pk=id).first()


def code_of(id: UUID) -> str:
    """The code of a link, in digits."""
    drawn = int(_keyed("code", str(id)), 16)
    return f"{drawn % 10**CODE_DIGITS:0{CODE_DIGITS}}"


def is_code(link: DiaryLink, typed: str) -> bool:
    """Whether this is the link's code; spaces and hyphens don't count."""
    plain = "".join(letter for letter in typed if letter.isdecimal() and letter.isascii())
    return constant_time_compare(plain, code_of(link.pk))


def hash_of_device(link: UUID, secret: str) -> str:
    """How the browser that opened a link is kept."""
    return _keyed("device", f"{link}/{secret}")


def is_device(link: DiaryLink, secret: str) -> bool:
    """Whether this browser opened the link."""
    kept = link.device
    return kept is not None and constant_time_compare(hash_of_device(link.pk, secret), kept)


def _keyed(kind: str, text: str) -> str:
    return salted_hmac(f"trialwright.diary.{kind}", text, algorithm="sha256").hexdigest()


def why_closed(link: DiaryLink, now: datetime) -> Sentence | None:
    """Why a link opens nothing any more; None where it does or still can."""
    if link.ended_at is not None:
        return _(
            "This link has been ended. Ask the staff of your study site for a new one. What this "
            "phone has not sent stays on it."
        )
    if link.opened_at is None and now >= link.expires_at:
        return _(
            "This link has expired: it had to be opened within 14 days. Ask the staff of your "
            "study site for a new one."
        )
    return None


OTHER_DEVICE = _(
    "This link is in use on another phone or computer, and works there alone. Ask the staff of "
    "your study site for a new one; the old one then ends."
)


def slot_of(diaries: Iterable[OwnDiary], form: str, number: int) -> tuple[OwnDiary, Slot] | None:
    """The diary and the entry of this number; None where the diary has none."""
    for own in diaries:
        if own.form.key == form and 1 <= number <= len(own.slots):
            return own, own.slots[number - 1]
    return None


def closed_because(
    slot: Slot, written: datetime, last_day: date | None, participant: Participant
) -> Sentence | None:
    """Why an entry written at a moment isn't taken; None where it is."""
    zone = zone_of(participant)
    told = {"day": slot.day.isoformat(), "time": f"{slot.time:%H:%M}"}
    if written < slot.opens:
        return (
            _("The entry for %(day)s, %(time)s, can be written from that time on. Come back then.")
            % told
        )
    if written >= slot.closes:
        return (
            _(
                "The entry for %(day)s, %(time)s, is closed: its time is over, so it is not taken. "
                "Your answers stay on this page: tell the staff of your study site about them."
            )
            % told
        )
    if last_day is not None and max(slot.day, day_of(written, zone)) > last_day:
        return _(
            "Your part in the study has ended, so the diary takes no more entries. Your answers "
            "stay on this page: tell the staff of your study site about them."
        )
    return None
