"""Which kits a site has, and which one is handed out next. A refusal never depends on whose arm it
is: where products are hidden, none is handed out unless there is one of each."""

from collections.abc import Collection, Iterable
from datetime import date

from django.db.models import Max
from django.utils.translation import gettext_lazy as _

from trialwright.conduct import sealed_values
from trialwright.conduct.acting import ActionContext
from trialwright.conduct.allocation import allocation_list
from trialwright.conduct.models import Kit, KitBatch, KitStatus, Participant, StepRecord
from trialwright.conduct.refusals import ActionRefused
from trialwright.conduct.safety.holding import standing_of
from trialwright.conduct.tables import rows_of
from trialwright.design.kits import first_of, place_of
from trialwright.protocol.allocations import Allocation
from trialwright.protocol.kits import hides_products, product_at
from trialwright.protocol.model import Arm, Protocol
from trialwright.protocol.occurrences import name_of
from trialwright.protocol.steps import Dispenses


def product_of(kit: Kit) -> str:
    """What is in a kit: the key of a product. Ask the policy first."""
    return sealed_values.open_details("kit", kit.study_id, kit.pk, bytes(kit.sealed))


def seed_of(batch: KitBatch) -> bytes:
    """The random number from which the order of a batch follows."""
    text = sealed_values.open_details("kit_batch", batch.study_id, batch.pk, bytes(batch.sealed))
    return bytes.fromhex(text)


def usable(study: str, site: str, on: date) -> list[Kit]:
    """The kits of a site's stock that haven't expired on a day, by their numbers."""
    found = rows_of(Kit, study_id=study, site=site, status=KitStatus.STOCK.value)
    live = (kit for kit in found if kit.expires_on is None or kit.expires_on >= on)
    return sorted(live, key=lambda kit: kit.number)


def next_count(study: str) -> int:
    """The next number of the count of what comes into stock and leaves it; under the lock."""
    held = Kit.objects.filter(study=study).aggregate(entered=Max("entered"), left=Max("left"))
    return 1 + max(held["entered"] or 0, held["left"] or 0)


def arm_at(participant: Participant, protocol: Protocol, visit: str) -> Arm:
    """The participant's arm at a visit; the only one where nobody is allocated."""
    if protocol.allocation is None and participant.arm_of_id is None:
        return protocol.arms[0]
    return protocol.arm_numbered(allocation_list.arm_at(participant, protocol, visit))


def require_stock(context: ActionContext, allocation: Allocation, skipped: Collection[int]) -> None:
    """Refuse to randomise where a site lacks the first kit of an arm that one could get.

    Args:
        allocation: the one that is to be made; of a later one, the kits of its epoch count.
        skipped: the numbers of arms that nobody gets.
    """
    protocol = context.protocol
    if protocol.kits is None or not hides_products(protocol):
        return
    places = [
        visit
        for step in protocol.steps
        if step.dispenses is Dispenses.KIT
        for visit in step.at or ("",)
        if allocation.at is None or protocol.visit(visit).epoch == allocation.at
    ]
    if not places:
        return
    arms = [arm for arm in protocol.arms_at(places[0]) if arm.number not in skipped]
    strengths = protocol.kits.strength_keys
    needed = {(product_at(protocol, arm, places[0]), each) for arm in arms for each in strengths}
    held = usable(context.study.identifier, context.participant.site, context.today)
    if needed - {(product_of(kit), kit.strength or "") for kit in held}:
        raise ActionRefused(
            _(
                "The site lacks kits, so nobody is randomised here: one of each arm in each "
                "strength must be in stock, whichever arm comes next. Confirm the shipment that "
                "came, or ask for one."
            )
            if protocol.kits.strengths
            else _(
                "The site lacks kits, so nobody is randomised here: one of each arm must be in "
                "stock, whichever arm comes next. Confirm the shipment that came, or ask for one."
            )
        )


def hand_out(context: ActionContext, record: StepRecord, on: date, strength: str) -> Kit:
    """Assign a kit of the site's stock to the participant for a step, and return it.

    The usable kits are opened, all of them, so that neither time nor statements tell which fit.

    Args:
        strength: the key of the one that was chosen; "" where all kits are alike.

    Raises:
        ActionRefused: where products are hidden and one of any arm is lacking; else where one of
            the participant's is.
    """
    protocol, participant, study = context.protocol, context.participant, context.study.identifier
    visit = name_of(record.visit, record.occurrence) if record.visit else ""
    opened = [(kit, product_of(kit)) for kit in usable(study, participant.site, on)]
    kits = {kit: product for kit, product in opened if (kit.strength or "") == strength}
    wanted = product_at(protocol, arm_at(participant, protocol, visit), visit)
    needed = {wanted}
    if hides_products(protocol):
        not_given = standing_of(context.study).arms_not_given
        arms = (arm for arm in protocol.arms_at(visit) if arm.key not in not_given)
        needed |= {product_at(protocol, arm, visit) for arm in arms}
    if needed - set(kits.values()):
        raise ActionRefused(
            _(
                "The site lacks kits of this strength, so none is handed out: one of each arm must "
                "be in stock, whichever this participant gets. Confirm the shipment that came, or "
                "ask for one."
            )
            if strength
            else _(
                "The site lacks kits, so none is handed out: one of each arm must be in stock, "
                "whichever this participant gets. Confirm the shipment that came, or ask for one."
            )
        )
    number = first_of(_places(kit for kit, product in kits.items() if product == wanted))
    kit = next(each for each in kits if each.number == number)
    context.change(
        kit,
        status=KitStatus.DISPENSED.value,
        left=next_count(study),
        step=record,
        dispensed_on=on,
    )
    return kit


def _places(kits: Iterable[Kit]) -> dict[str, bytes]:
    """The place of each in the order of handing out."""
    seeds: dict[object, bytes] = {}
    found = {}
    for kit in kits:
        if kit.batch_id not in seeds:
            seeds[kit.batch_id] = seed_of(rows_of(KitBatch, id=kit.batch_id)[0])
        found[kit.number] = place_of(seeds[kit.batch_id], kit.number)
    return found
