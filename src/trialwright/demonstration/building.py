"""Build the demonstration: sign the protocol, then tell every woman's story up to the present.

Steps are committed together some dozens at a time, and the bookmark moves with them, so that a
building broken off at any moment goes on where it stopped.
"""

import hashlib
import time
from collections.abc import Callable
from datetime import datetime

from django.db import transaction

from trialwright.accounts.models import Membership
from trialwright.accounts.reads import actor_in
from trialwright.conduct import held_rows
from trialwright.conduct.actions import studies
from trialwright.conduct.clock import installation_zone
from trialwright.conduct.models import Participant
from trialwright.conduct.refusals import NotFound
from trialwright.demonstration import bookmark
from trialwright.demonstration.bookmark import Bookmark
from trialwright.demonstration.cohort import cohort, opening, theatre_days
from trialwright.demonstration.narration import Narration
from trialwright.demonstration.protocol import FILE, demonstration
from trialwright.demonstration.story_before import results_reviewed, story
from trialwright.demonstration.team import Team
from trialwright.ledger.gathering import gathered
from trialwright.protocol.basics import Role
from trialwright.simulation.alone import alone

Tell = Callable[[str], None]
LIST_SEED = hashlib.sha256(b"the list of the demonstration study DEMO-HAEC-01").digest()
_TOGETHER = 50


def build(participants: int, *, now: datetime, tell: Tell, every_seconds: float = 3) -> Bookmark:
    """Build the study, or go on building it; nothing happens if it stands.

    Args:
        participants: how many are randomised, the last of them on the day of `now`; over the
            protocol's places, a variant of the protocol says so in its version.
        now: the present, in which the story ends. A building that goes on keeps its own.
        tell: is told how far it is, every so many seconds.
    """
    study = demonstration().identifier
    bookmark.prepare()
    with alone("demonstration"):
        building = bookmark.find(study) or _begin(study, participants, now)
        if not building.finished:
            _tell_story(building, _Progress(building, tell, every_seconds))
    return building


def _begin(study: str, participants: int, now: datetime) -> Bookmark:
    signer = Membership.objects.filter(study=study, role=Role.INVESTIGATOR.value)
    investigator = actor_in(signer.order_by("site")[0].person, study, demonstration().roles)
    if investigator is None:
        raise NotFound
    day = opening(now.astimezone(installation_zone()).date())
    with transaction.atomic():
        version = studies.sign_protocol(
            by=investigator,
            source=protocol_for(participants),
            file_name=FILE,
            seed=LIST_SEED,
            at=datetime(day.year, day.month, day.day, 10, tzinfo=installation_zone()),
        )
        building = Bookmark(version.study_id, participants, until=now)
        building.save()
    return building


def protocol_for(participants: int) -> bytes:
    """The demonstration protocol's bytes; with more places than its 50, marked in its version, and
    with tables that reach all of them."""
    protocol = demonstration()
    source = protocol.source_bytes
    if participants <= protocol.participants:
        return source
    for old, new in (
        (f'version: "{protocol.version}"', f'version: "{protocol.version}+{participants}"'),
        (f"participants: {{value: {protocol.participants}, origin: stated, source: record}}",
         f"participants: {participants}"),
        ("    participants: 30\n", f"    participants: {participants}\n"),
        ("    participants: 48\n", f"    participants: {participants}\n"),
    ):  # fmt: skip
        if source.count(old.encode()) < 1:
            raise ValueError(f"The demonstration protocol has no line “{old}” to replace.")
        source = source.replace(old.encode(), new.encode(), 1)
    return source


def _tell_story(building: Bookmark, progress: "_Progress") -> None:
    team = Team(building.study, already=building.done)
    tale = Narration(team, building.until)
    for woman in cohort(building.participants, tale.until.date()):
        tale.begin(story(tale, woman))
    days = theatre_days(building.participants, tale.until.date()) if building.participants else []
    tale.begin(results_reviewed(tale, days))
    more = True
    while more:
        with transaction.atomic(), held_rows.held(), gathered():
            goal = team.steps + _TOGETHER
            while more and team.steps < goal:
                more = tale.go_on()
            building.done = max(building.done, team.steps)
            building.finished = not more
            building.save()
        progress.say(tale)
    progress.end()


class _Progress:
    """A line every few seconds, and one at the end."""

    def __init__(self, building: Bookmark, tell: Tell, every_seconds: float) -> None:
        self.building, self.tell, self.every_seconds = building, tell, every_seconds
        self.began = self.said = time.monotonic()
        self.done_before = building.done
        if building.done:
            tell(f"Going on with the demonstration after step {building.done:,}.")

    def say(self, tale: Narration) -> None:
        if time.monotonic() - self.said < self.every_seconds:
            return
        self.said = time.monotonic()
        randomised = Participant.objects.filter(
            study=self.building.study, randomised_at__isnull=False
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
