"""Build the demonstration: sign the protocol, then tell every woman's story up to the present.

Steps are committed together some dozens at a time, and the bookmark moves with them, so that a
building broken off at any moment goes on where it stopped.
"""

import hashlib
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime

from django.db import connection, transaction

from trialwright.accounts.models import Membership
from trialwright.accounts.reads import actor_in
from trialwright.conduct.actions import studies
from trialwright.conduct.demonstration.cohort import cohort, opening
from trialwright.conduct.demonstration.story_before import story
from trialwright.conduct.demonstration.team import Team
from trialwright.conduct.demonstration.telling import Telling
from trialwright.conduct.models import Building, Participant
from trialwright.conduct.planning import ZONE
from trialwright.conduct.refusals import NotHere
from trialwright.ledger import files, heads
from trialwright.protocol.basics import Role
from trialwright.protocol.demonstration import FILE, demonstration

Tell = Callable[[str], None]
LIST_SEED = hashlib.sha256(b"the list of the demonstration study DEMO-HAEC-01").digest()
_TOGETHER = 50


def build(participants: int, *, now: datetime, tell: Tell, every_seconds: float = 3) -> Building:
    """Build the study, or go on building it; nothing happens if it stands.

    Args:
        participants: how many are randomised, the last of them on the day of `now`; over the
            protocol's places, a variant of the protocol says so in its version.
        now: the present, in which the story ends. A building that goes on keeps its own.
        tell: is told how far it is, every so many seconds.
    """
    study = demonstration().identifier
    with _alone(), heads.signed_once(files.heads_path(), files.keys()):
        building = Building.objects.filter(study=study).first() or _begin(study, participants, now)
        if not building.finished:
            _tell_story(building, _Progress(building, tell, every_seconds))
    return building


def _begin(study: str, participants: int, now: datetime) -> Building:
    signer = Membership.objects.filter(study=study, role=Role.INVESTIGATOR.value)
    investigator = actor_in(signer.order_by("site")[0].person, study)
    if investigator is None:
        raise NotHere
    day = opening(now.astimezone(ZONE).date())
    with transaction.atomic():
        version = studies.sign_protocol(
            by=investigator,
            source=protocol_for(participants),
            file_name=FILE,
            seed=LIST_SEED,
            at=datetime(day.year, day.month, day.day, 10, tzinfo=ZONE),
        )
        building = Building(study=version.study, participants=participants, until=now)
        building.save(force_insert=True)
    return building


def protocol_for(participants: int) -> bytes:
    """The demonstration protocol's bytes; with more places than its 50, marked in its version."""
    protocol = demonstration()
    source = protocol.source_bytes
    if participants <= protocol.participants:
        return source
    for old, new in (
        (f'version: "{protocol.version}"', f'version: "{protocol.version}+{participants}"'),
        (f"participants: {{value: {protocol.participants}, origin: stated, source: record}}",
         f"participants: {participants}"),
    ):  # fmt: skip
        if source.count(old.encode()) < 1:
            raise ValueError(f"The demonstration protocol has no line “{old}” to replace.")
        source = source.replace(old.encode(), new.encode(), 1)
    return source


def _tell_story(building: Building, progress: "_Progress") -> None:
    team = Team(building.study_id, already=building.done)
    tale = Telling(team, building.until)
    for woman in cohort(building.participants, tale.until.date()):
        tale.begin(story(tale, woman))
    more = True
    while more:
        with transaction.atomic():
            goal = team.steps + _TOGETHER
            while more and team.steps < goal:
                more = tale.go_on()
            building.done = max(building.done, team.steps)
            building.finished = not more
            building.save(update_fields=["done", "finished"])
        progress.say(tale)
    progress.end()


class _Progress:
    """A line every few seconds, and one at the end."""

    def __init__(self, building: Building, tell: Tell, every_seconds: float) -> None:
        self.building, self.tell, self.every_seconds = building, tell, every_seconds
        self.began = self.said = time.monotonic()
        self.done_before = building.done
        if building.done:
            tell(f"Going on with the demonstration after step {building.done:,}.")

    def say(self, tale: Telling) -> None:
        if time.monotonic() - self.said < self.every_seconds:
            return
        self.said = time.monotonic()
        randomised = Participant.objects.filter(
            study=self.building.study_id, randomised_at__isnull=False
        ).count()
        self.tell(
            f"Building the demonstration: {tale.now:%Y-%m-%d}, "
            f"{randomised} of {self.building.participants} randomised, "
            f"{self.building.done:,} steps"
        )

    def end(self) -> None:
        seconds = time.monotonic() - self.began
        steps = self.building.done - self.done_before
        if steps:
            self.tell(
                f"Built the demonstration: {steps:,} steps in {seconds:.0f} s "
                f"({steps / seconds:,.0f} a second)."
            )


@contextmanager
def _alone() -> Iterator[None]:
    """Only one process builds at a time; another waits, and then finds the study standing."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(hashtext('trialwright demonstration'))")
        try:
            yield
        finally:
            cursor.execute("SELECT pg_advisory_unlock(hashtext('trialwright demonstration'))")
