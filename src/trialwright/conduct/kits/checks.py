"""Every kit that was handed out is found again from the sealed numbers and the stock of then."""

from collections import defaultdict
from collections.abc import Iterator

from trialwright.conduct.allocation import allocation_list
from trialwright.conduct.kits.stock import product_of, seed_of
from trialwright.conduct.models import Kit, KitBatch, Study
from trialwright.design.kits import first_of, place_of
from trialwright.protocol.kits import product_at
from trialwright.protocol.occurrences import name_of


def wrong_kits(study: str) -> Iterator[str]:
    """The kits that aren't the one that followed: of another product than the participant's, or
    handed out before another one that was due."""
    from trialwright.conduct.acting import protocol_for

    row = Study.objects.select_related("version").filter(identifier=study).first()
    if row is None or row.version is None:
        return
    kits = list(Kit.objects.filter(study=study).select_related("step__participant"))
    if not kits:
        return
    seeds = {batch.pk: seed_of(batch) for batch in KitBatch.objects.filter(study=study)}
    places = {kit.number: place_of(seeds[kit.batch_id], kit.number) for kit in kits}
    products = {kit.number: product_of(kit) for kit in kits}
    arms: dict[object, dict[str | None, int]] = defaultdict(dict)
    for person, number in allocation_list.arms_of_all(row):
        arms[person.pk][None] = number
    for person, key, number in allocation_list.arms_again(row):
        arms[person.pk][key] = number
    for kit in sorted(kits, key=lambda each: each.left or 0):
        step = kit.step
        if step is None or kit.left is None or kit.dispensed_on is None:
            continue
        protocol = protocol_for(step.participant, row.version)
        visit = name_of(step.visit, step.occurrence) if step.visit else ""
        held = arms[step.participant_id]
        counted = [None, *(each.key for each in (protocol.allocations_by(visit) if visit else ()))]
        numbers = [held[key] for key in counted if key in held]
        arm = protocol.arms[(numbers or [1])[-1] - 1]
        due = {
            each.number: places[each.number]
            for each in kits
            if products[each.number] == product_at(protocol, arm, visit)
            and each.strength == kit.strength
            and each.site == kit.site
            and each.entered is not None
            and each.entered < kit.left
            and (each.left is None or each.left >= kit.left)
            and (each.expires_on is None or each.expires_on >= kit.dispensed_on)
        }
        if first_of(due) != kit.number:
            yield f"kit {kit.number}"
