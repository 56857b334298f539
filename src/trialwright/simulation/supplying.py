"""Kits of a simulated study: listed and sent as sites run short, received, replaced, brought back.

Each follows from the stage's random numbers alone, so that the same seed gives the same kits.
"""

from collections import Counter
from datetime import timedelta
from decimal import Decimal
from functools import partial

from trialwright.accounts.policy import Actor
from trialwright.conduct.actions import kits
from trialwright.conduct.kits.lists import NewKit
from trialwright.conduct.kits.stock import product_of, usable
from trialwright.conduct.models import Kit, KitStatus
from trialwright.conduct.tables import rows_of
from trialwright.protocol.kits import Kits
from trialwright.simulation.person import SimulatedPerson
from trialwright.simulation.stage import Stage

_LISTED, _SENT, _LEAST = 40, 6, 2
"""So many kits of each product are listed, and sent at once; a site asks with so many or fewer."""
_LASTS = timedelta(days=730)
_BROKEN, _LOST, _LEFT = 0.1, 0.05, 0.8
"""Shares: of shipments with a broken kit, of kits that are lost, of those that come back."""


def keep_stock(stage: Stage, site: str) -> None:
    """Have a site supplied where it has few kits of some product, in each strength."""
    products = _products(stage)
    if stage.protocol.kits is None or not products:
        return
    for strength in stage.protocol.kits.strength_keys:
        stock = usable(stage.protocol.identifier, site, stage.today)
        held = Counter(product_of(kit) for kit in stock if (kit.strength or "") == strength)
        if min(held[product] for product in products) <= _LEAST:
            _supply(stage, stage.protocol.kits, site, strength)


def _supply(stage: Stage, about: Kits, site: str, strength: str) -> None:
    """Send a site some kits of each product, in a strength, and have it confirm what came."""
    products = _products(stage)
    supplies = stage.crew.among({about.supplied_by})
    _list_where_short(stage, supplies, strength)
    amounts = dict.fromkeys(products, _SENT)
    send = partial(kits.send_kits, site=site, amounts=amounts, strength=strength, at=stage.now)
    sent = stage.act("send_kits", supplies, lambda by: send(by=by))
    if sent is None:
        return
    random = stage.stream("shipment", *sent)
    broken = [random.choice(sent)] if random.random() < _BROKEN else []
    receive = partial(
        kits.receive_kits, site=site, unusable=broken, reason="Broken on the way", at=stage.now
    )
    people = stage.crew.among(about.received_by, site)
    stage.act("receive_kits", people, lambda by: receive(by=by))


def _products(stage: Stage) -> list[str]:
    return sorted({product for arm in stage.protocol.arms for product in arm.products})


def _list_where_short(stage: Stage, supplies: list[Actor], strength: str) -> None:
    """Put in another list, its numbers drawn, where the depot has too few that last."""
    products = _products(stage)
    listed = Kit.objects.filter(study=stage.protocol.identifier)
    depot = [kit for kit in listed if kit.status == KitStatus.DEPOT]
    lasting = (
        kit
        for kit in depot
        if (kit.strength or "") == strength
        and (kit.expires_on is None or kit.expires_on > stage.today)
    )
    held = Counter(map(product_of, lasting))
    if min(held[product] for product in products) >= _SENT:
        return
    taken = {kit.number for kit in listed}
    random = stage.stream("kits", len(taken))
    free = [f"{number:05d}" for number in random.sample(range(100_000), 3 * len(taken) + 1000)]
    numbers = [number for number in free if number not in taken]
    contents = products * _LISTED
    random.shuffle(contents)
    until = stage.today + _LASTS
    new = [NewKit(*each, until, strength) for each in zip(numbers, contents, strict=False)]
    stage.act("list_kits", supplies, lambda by: kits.list_kits(by=by, kits=new, at=stage.now))


def chosen_strength(person: SimulatedPerson, *place: object) -> str:
    """The strength that somebody chooses for a participant: any of them."""
    about = person.protocol.kits
    return person.stream("strength", *place).choice(about.strength_keys) if about else ""


def bring_back(person: SimulatedPerson) -> None:
    """Bring back, or have replaced, the kits that a participant still has."""
    protocol = person.protocol
    if protocol.kits is None:
        return
    held = rows_of(Kit, study_id=protocol.identifier, status=KitStatus.DISPENSED.value)
    own = [kit for kit in held if kit.step and kit.step.participant_id == person.row.pk]
    for kit in sorted(own, key=lambda each: each.number):
        fate = person.stream("kit", kit.number)
        share = fate.random()
        if share < _LEFT and kit.dispensed_on and kit.dispensed_on < person.stage.today:
            unused = (protocol.kits.contains * Decimal(fate.randrange(0, 60)) / 100).quantize(
                Decimal(1)
            )
            _return(person, kit, unused)


def lose_one(person: SimulatedPerson, record_step: str, visit: str, occurrence: int) -> None:
    """Now and then have a kit replaced that was handed out a moment ago."""
    stage = person.stage
    found = Kit.objects.filter(
        step__participant=person.row, step__step=record_step, step__visit=visit,
        step__occurrence=occurrence, status=KitStatus.DISPENSED.value,
    ).first()  # fmt: skip
    if found is None or person.stream("lost", found.number).random() >= _LOST:
        return
    keep_stock(stage, person.site)
    replace = partial(
        kits.replace_kit, code=person.code, number=found.number, reason="Lost", at=stage.now
    )
    people = stage.crew.among(stage.protocol.step(record_step).roles, person.site)
    stage.act("replace_kit", people, lambda by: replace(by=by))


def _return(person: SimulatedPerson, kit: Kit, unused: Decimal) -> None:
    stage = person.stage
    assert stage.protocol.kits is not None  # noqa: S101 - there is a kit
    give = partial(
        kits.return_kit, code=person.code, number=kit.number, unused=unused, on=stage.today,
        at=stage.now,
    )  # fmt: skip

    def back(by: Actor) -> bool:
        give(by=by)
        return True

    people = stage.crew.among(stage.protocol.kits.received_by, person.site)
    stage.act("return_kit", people, back)
