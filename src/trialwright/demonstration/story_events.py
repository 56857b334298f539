"""Two serious events of one woman: one that held the trial for an evening and was reported
everywhere, and one whose clocks run today."""

from datetime import timedelta

from trialwright.demonstration.board import held_and_lifted
from trialwright.demonstration.life import Episode
from trialwright.demonstration.narration import Thread

NUMBER = 10
"""Which of the women it is."""


def events(scene: Episode) -> Thread:
    """Fever with an admission a few days after the operation, and vomiting just now."""
    tale, life = scene.tale, scene.life
    if life.woman.number != NUMBER or life.woman.brief:
        return
    began = life.operated_on + timedelta(days=4)
    yield tale.clock(began + timedelta(days=1), 9)
    tale.team.record_event(life.code, "Fever", 2, began, tale.now)
    yield tale.clock(began + timedelta(days=1), 14)
    tale.team.end_site_clocks(life.code, tale.now)
    tale.team.judge(life.code, tale.now)
    yield tale.clock(began + timedelta(days=3), 10)
    tale.team.worsen(life.code, 3, began + timedelta(days=2), tale.now)
    tale.begin(held_and_lifted(tale, tale.now.date()))
    yield tale.clock(began + timedelta(days=6), 11)
    tale.team.send_reports(life.code, tale.now)
    yield tale.clock(began + timedelta(days=12), 15)
    tale.team.recover(life.code, began + timedelta(days=9), tale.now)
    yield tale.clock(began + timedelta(days=20), 11)
    tale.team.send_reports(life.code, tale.now)
    yield tale.until - timedelta(hours=20)
    if life.stays():
        tale.team.record_event(life.code, "Vomiting", 2, tale.now.date(), tale.now)
