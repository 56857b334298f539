"""Kits on their way: listed, sent to a site, received, replaced, taken back, set aside.

Handing one out is part of the step that dispenses it (`conduct.kits.stock`).
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from functools import partial

from django.utils.translation import gettext_lazy as _

from trialwright.accounts.models import Site
from trialwright.accounts.policy import Actor, role_to_receive_kits, role_to_supply_kits
from trialwright.conduct.acting import ActionContext, acting
from trialwright.conduct.clock import day_of, zones_of
from trialwright.conduct.kits.lists import NewKit, list_problems
from trialwright.conduct.kits.stock import hand_out, next_count, product_of, seed_of
from trialwright.conduct.models import Kit, KitBatch, KitStatus
from trialwright.conduct.participants.step_order import require_possible
from trialwright.conduct.refusals import ActionRefused, NotFound, Problem, Sentence
from trialwright.conduct.tables import row_of, rows_of
from trialwright.design.kits import place_of
from trialwright.ledger import sources
from trialwright.protocol.kits import Kits, hides_products


def list_kits(*, by: Actor, kits: Sequence[NewKit], at: datetime | None = None) -> int:
    """Put in a list of kits; they are at the depot. Returns the number of the batch.

    What is in each is sealed, and so is the random number from which follows in which order they
    are handed out.

    Raises:
        NotFound: the study has no kits, or the person doesn't supply them.
        ActionRefused: the list is wrong, or blinded people could tell by it what is in a kit.
    """
    with acting(by, _supplies, "list_kits", at=at) as context:
        listed = Kit.objects.filter(study=context.study)
        before = [
            NewKit(kit.number, product_of(kit), kit.expires_on, kit.strength or "")
            for kit in listed
        ]
        if problems := tuple(list_problems(context.protocol, kits, before)):
            raise ActionRefused(problems=problems[:20])
        number = 1 + KitBatch.objects.filter(study=context.study).count()
        batch = KitBatch(
            study=context.study,
            number=number,
            listed_at=context.at,
            listed_by=context.by.person_id,
        )
        context.record_sealed(batch, sources.entropy(32).hex())
        context.record_all_sealed(
            [
                (
                    Kit(
                        study=context.study,
                        batch=batch,
                        number=kit.number,
                        strength=kit.strength or None,
                        expires_on=kit.expires_on,
                        status=KitStatus.DEPOT.value,
                    ),
                    kit.product,
                )
                for kit in kits
            ]
        )
        return number


def send_kits(
    *,
    by: Actor,
    site: str,
    amounts: Mapping[str, int],
    strength: str = "",
    at: datetime | None = None,
) -> tuple[str, ...]:
    """Send kits from the depot to a site, so many of each product; returns their numbers.

    Which ones, follows from the order of their batches. Where products are hidden a shipment holds
    some of each, or it would tell what is in its kits.

    Args:
        strength: of all kits of the shipment; "" where kits are alike.

    Raises:
        ActionRefused: there is no such site or strength, the depot has fewer, or a product is left
            out.
    """
    with acting(by, _supplies, "send_kits", at=at) as context:
        if not Site.objects.filter(study=context.study.pk, code=site).exists():
            raise _at("site", _("The study has no such site. Choose one of its sites."))
        if strength not in _kits(context).strength_keys:
            raise _at("strength", _("Choose the strength of the kits."))
        products = {product for arm in context.protocol.arms for product in arm.products}
        if set(amounts) - products or any(amount < 0 for amount in amounts.values()):
            raise NotFound
        asked = {product: amount for product, amount in amounts.items() if amount}
        if not asked or (hides_products(context.protocol) and set(asked) != products):
            raise ActionRefused(
                _(
                    "A shipment holds kits of each product, or it would tell what is in them. "
                    "Enter how many of each."
                )
            )
        sent = [
            kit
            for product in sorted(asked)
            for kit in _due(context, site, (product, strength), asked[product])
        ]
        context.change_all([(kit, {"site": site, "status": KitStatus.SENT.value}) for kit in sent])
        return tuple(sorted(kit.number for kit in sent))


def _due(context: ActionContext, site: str, content: tuple[str, str], asked: int) -> list[Kit]:
    """The kits of a product and strength that are sent next; refused where there are too few."""
    product, strength = content
    today = day_of(context.at, zones_of(context.study.pk).at(site))
    depot = Kit.objects.filter(
        study=context.study, status=KitStatus.DEPOT.value, strength=strength or None
    )
    found = [
        kit
        for kit in depot.select_related("batch")
        if product_of(kit) == product and (kit.expires_on is None or kit.expires_on > today)
    ]
    if len(found) < asked:
        words = _("The depot has %(count)d kits of “%(product)s” that can be used. List more.")
        raise _at(product, words % {"count": len(found), "product": product})
    found.sort(key=lambda kit: place_of(seed_of(kit.batch), kit.number))
    return found[:asked]


def receive_kits(
    *,
    by: Actor,
    site: str,
    unusable: Collection[str] = (),
    reason: str = "",
    at: datetime | None = None,
) -> int:
    """Confirm that the kits under way to a site came; returns how many are in stock by it.

    Args:
        unusable: the numbers of those that are missing or can't be used; they are set aside.
        reason: why, where there are any.

    Raises:
        ActionRefused: nothing is under way, or the numbers aren't among what is, or have no reason.
    """
    with acting(by, partial(_receives, site), "receive_kits", at=at) as context:
        coming = rows_of(Kit, study_id=context.study.pk, site=site, status=KitStatus.SENT.value)
        if not coming:
            raise ActionRefused(_("No kits are under way to this site."))
        aside = set(unusable)
        _require_known(aside, {kit.number for kit in coming}, reason)
        count = next_count(context.study.pk)
        changes: list[tuple[Kit, dict[str, object]]] = []
        for kit in sorted(coming, key=lambda each: each.number):
            if kit.number in aside:
                changes.append((kit, _set_aside(reason)))
            else:
                changes.append((kit, {"status": KitStatus.STOCK.value, "entered": count}))
                count += 1
        for columns in ("reason", "entered"):
            context.change_all([each for each in changes if columns in each[1]])
        return len(coming) - len(aside)


def set_kits_aside(
    *, by: Actor, numbers: Collection[str], reason: str, at: datetime | None = None
) -> None:
    """Take kits out of a site's stock or the depot's, so that nobody is given one.

    Raises:
        NotFound: the person supplies no kits and receives none.
        ActionRefused: one isn't in a stock of theirs, or no reason is given.
    """
    with acting(by, _handles, "set_kits_aside", at=at) as context:
        supplies = role_to_supply_kits(context.by, context.protocol) is not None
        kits = rows_of(Kit, study_id=context.study.pk, status=KitStatus.STOCK.value)
        if supplies:
            kits += rows_of(Kit, study_id=context.study.pk, status=KitStatus.DEPOT.value)
        theirs = {
            kit.number: kit
            for kit in kits
            if supplies or role_to_receive_kits(context.by, context.protocol, kit.site)
        }
        _require_known(numbers, set(theirs), reason)
        if not numbers:
            raise _at("numbers", _("Enter the numbers of the kits."))
        count = next_count(context.study.pk)
        for place, number in enumerate(sorted(set(numbers))):
            kit = theirs[number]
            left = count + place if kit.status == KitStatus.STOCK else None
            context.change(kit, **_set_aside(reason), left=left)


def replace_kit(
    *, by: Actor, code: str, number: str, reason: str, at: datetime | None = None
) -> str:
    """Give a participant another kit, of the same strength, for one that was lost or damaged;
    returns its number.

    Raises:
        NotFound: the kit isn't this participant's, or the person doesn't take the step.
        ActionRefused: it came back or was replaced, there is no reason, or the site lacks kits.
    """
    with acting(by, partial(_dispenses, number), "replace_kit", code=code, at=at) as context:
        kit = _dispensed(context, number)
        if not reason.strip():
            raise _at("reason", _("Say why the kit is replaced."))
        assert kit.step is not None  # noqa: S101 - it was dispensed
        require_possible(context, context.protocol.step(kit.step.step), given=True)
        context.change(kit, **_set_aside(reason))
        return hand_out(context, kit.step, context.today, kit.strength or "").number


def return_kit(
    *,
    by: Actor,
    code: str,
    number: str,
    unused: Decimal,
    on: date,
    at: datetime | None = None,
) -> None:
    """Record that a participant brought a kit back, and how much of it is unused.

    Args:
        unused: in the unit of the protocol's `kits`; 0 for an empty one.

    Raises:
        NotFound: the kit isn't this participant's, or the person receives no kits at the site.
        ActionRefused: it came back already, or the amount or the day is impossible.
    """
    with acting(by, _takes_back, "return_kit", code=code, at=at) as context:
        kit, kits = _dispensed(context, number), _kits(context)
        if not 0 <= unused <= kits.contains:
            words = _(
                "Enter an amount from 0 to %(most)s %(unit)s, which is what a full kit holds."
            )
            raise _at("unused", words % {"most": f"{kits.contains:f}", "unit": kits.unit})
        if kit.dispensed_on is None or not kit.dispensed_on <= on <= context.today:
            words = _("Enter a day from %(day)s, when the kit was handed out, to today.")
            raise _at("on", words % {"day": kit.dispensed_on})
        context.change(kit, status=KitStatus.RETURNED.value, returned_on=on, unused=f"{unused:f}")


def _dispensed(context: ActionContext, number: str) -> Kit:
    """A kit that the participant has been handed and still has."""
    kit = row_of(Kit, study_id=context.study.pk, number=number)
    if kit is None or kit.step is None or kit.step.participant_id != context.participant.pk:
        raise NotFound
    context.require_unlocked(kit.step.visit)
    if kit.status != KitStatus.DISPENSED:
        raise ActionRefused(
            _("The kit %(number)s came back or was replaced already.") % {"number": number}
        )
    return kit


def _require_known(numbers: Collection[str], known: Collection[str], reason: str) -> None:
    if strange := sorted(set(numbers) - set(known)):
        words = _("These kits aren't there: %(numbers)s. Enter numbers of this list.")
        raise _at("numbers", words % {"numbers": ", ".join(strange[:10])})
    if numbers and not reason.strip():
        raise _at("reason", _("Say why these kits can't be used."))


def _set_aside(reason: str) -> dict[str, object]:
    return {"status": KitStatus.SET_ASIDE.value, "reason": " ".join(reason.split())}


def _at(field: str, sentence: Sentence) -> ActionRefused:
    return ActionRefused(problems=(Problem(field, sentence),))


def _kits(context: ActionContext) -> Kits:
    if context.protocol.kits is None:
        raise NotFound
    return context.protocol.kits


def _supplies(context: ActionContext) -> str | None:
    return role_to_supply_kits(context.by, context.protocol)


def _receives(site: str, context: ActionContext) -> str | None:
    return role_to_receive_kits(context.by, context.protocol, site)


def _handles(context: ActionContext) -> str | None:
    return _supplies(context) or role_to_receive_kits(context.by, context.protocol, None)


def _takes_back(context: ActionContext) -> str | None:
    return role_to_receive_kits(context.by, context.protocol, context.participant.site)


def _dispenses(number: str, context: ActionContext) -> str | None:
    kit = row_of(Kit, study_id=context.study.pk, number=number)
    if kit is None or kit.step is None:
        return None
    roles = context.protocol.step(kit.step.step).roles
    return context.by.role_among(roles, context.participant.site)
