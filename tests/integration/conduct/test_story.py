"""One woman's way through the trial, by the actions that the pages call."""

from datetime import timedelta

from tests.integration.conduct.world import World
from trialwright.conduct.actions import entering, visiting
from trialwright.conduct.models import Entry, VisitRecord
from trialwright.conduct.signing import entry_content, hash_of


def test_from_screening_to_a_signed_month_1(world: World) -> None:
    code = world.treated()
    row = world.row(code)
    assert (code, row.state) == ("C-001", "treated")
    month_1 = VisitRecord.objects.get(participant=row, visit="month_1")
    assert month_1.target == world.step(code, "place").taken_on + timedelta(days=30)
    world.later(days=30)
    visiting.record_visit(
        by=world.coordinator, code=code, visit="month_1", on=world.now.date(), at=world.now
    )
    menses = {
        "diary_back": "yes", "bled": "yes", "first_day": "2023-03-20", "on_hormones": "yes",
        "days": "4", "pads": "9", "category": "scant",
    }  # fmt: skip
    saved = world.save(world.coordinator, code, "month_1", "menses", menses)
    assert saved.complete
    entry = Entry.objects.get(participant=row, visit="month_1", form="menses")
    assert entry.values.get(item="pads_a_day").text == "2.25"
    entering.sign_entry(
        by=world.investigator,
        code=code,
        visit="month_1",
        form="menses",
        content_hash=hash_of(entry_content(entry)),
        at=world.now,
    )
    assert entry.signatures.filter(void_at=None).count() == 1
