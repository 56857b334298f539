"""The last value stands beside a box where the protocol shows it; not where an outcome is blind."""

from tests.integration.conduct.world import World
from trialwright.conduct.reads.forms import form_page

LOOK = {
    "extent": "under_third", "adhesion_type": "filmy", "menses": "hypomenorrhoea",
    "esh_stage": "I", "endometritis": "no",
}  # fmt: skip
SCAN = {
    "context": "natural", "thickness": "5.4", "uterus_length": "70", "uterus_width": "45",
    "uterus_depth": "38", "haematometra": "no",
}  # fmt: skip


def test_an_assessor_does_not_see_the_scores_before(world: World) -> None:
    code = world.treated()
    world.later(days=30)
    world.visited(code, "month_1")
    day = world.now.date().isoformat()
    world.save(world.assessor, code, "month_1", "second_look",
               LOOK | {"looked_on": day, "scored_on": day})  # fmt: skip
    world.save(world.coordinator, code, "month_1", "ultrasound", SCAN | {"scanned_on": day})
    world.later(days=60)
    world.visited(code, "month_3")
    assert form_page(world.assessor, code, "month_3", "second_look").last == {}
    last = form_page(world.coordinator, code, "month_3", "ultrasound").last
    assert last["thickness"] == "5.4"
