"""Kits as a person may see them: by number to who sees participants, by product to who supplies."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from trialwright.accounts.models import Site
from trialwright.accounts.policy import (
    Act,
    Actor,
    may,
    role_to_receive_kits,
    role_to_supply_kits,
)
from trialwright.conduct.kits.stock import product_of
from trialwright.conduct.models import Kit, KitStatus, Participant
from trialwright.conduct.reads.participants import participant_and_protocol, study_and_protocol
from trialwright.conduct.refusals import NotFound
from trialwright.protocol.kits import Kits
from trialwright.protocol.model import Protocol
from trialwright.protocol.occurrences import name_of


@dataclass(frozen=True, slots=True)
class KitLine:
    """One kit. product: for who supplies kits, who isn't told who has it; "" for anybody else."""

    number: str
    batch: int
    site: str
    status: KitStatus
    expires_on: date | None
    participant: str = ""
    step: str = ""
    visit: str = ""
    dispensed_on: date | None = None
    returned_on: date | None = None
    unused: str = ""
    reason: str = ""
    product: str = ""
    strength: str = ""


@dataclass(frozen=True, slots=True)
class KitsToRead:
    """The kits that a person sees, by number; what they may do with them.

    supplies: lists kits and sends them. sites: all of the study, for who supplies. receives: the
    sites whose kits this person receives. counts: by site, status, product ("" where hidden) and
    strength ("" where all are alike).
    """

    kits: Kits
    lines: tuple[KitLine, ...]
    supplies: bool
    sites: tuple[str, ...]
    receives: tuple[str, ...]
    counts: dict[tuple[str, KitStatus, str, str], int]

    @property
    def coming(self) -> tuple[str, ...]:
        """The sites of theirs to which a shipment is under way."""
        sent = {site for site, status, *_ in self.counts if status is KitStatus.SENT}
        return tuple(site for site in self.receives if site in sent)


def kits_to_read(by: Actor) -> KitsToRead:
    """All kits, for who supplies them; those sent to their sites, for who sees participants.

    Raises:
        NotFound: the protocol has no kits, or this person has nothing to do with them.
    """
    study, protocol = study_and_protocol(by)
    supplies = role_to_supply_kits(by, protocol) is not None
    if protocol.kits is None or not (supplies or may(by, Act.SEE_PARTICIPANTS)):
        raise NotFound
    rows = Kit.objects.filter(study=study).select_related("batch", "step__participant")
    if not supplies:
        rows = rows.exclude(site="")
        if by.sites is not None:
            rows = rows.filter(site__in=by.sites)
    lines = tuple(_line(kit, told=supplies) for kit in rows.order_by("number"))
    codes = Site.objects.filter(study=study.pk).order_by("code").values_list("code", flat=True)
    sites = tuple(codes)
    return KitsToRead(
        protocol.kits,
        lines,
        supplies,
        sites if supplies else (),
        tuple(site for site in sites if role_to_receive_kits(by, protocol, site)),
        dict(Counter((line.site, line.status, line.product, line.strength) for line in lines)),
    )


@dataclass(frozen=True, slots=True)
class Shipment:
    """Kits under way to a site, so many, that somebody there has to confirm."""

    site: str
    kits: int


def shipments_coming(by: Actor, protocol: Protocol) -> tuple[Shipment, ...]:
    """What is under way to the sites whose kits this person receives, by site."""
    if role_to_receive_kits(by, protocol, None) is None:
        return ()
    sent = Kit.objects.filter(study=by.study, status=KitStatus.SENT.value)
    found = Counter(sent.values_list("site", flat=True))
    return tuple(
        Shipment(site, number)
        for site, number in sorted(found.items())
        if role_to_receive_kits(by, protocol, site)
    )


@dataclass(frozen=True, slots=True)
class KitOfParticipant:
    """A kit that a participant was handed; may_return, may_replace: what this person may do."""

    line: KitLine
    may_return: bool
    may_replace: bool


def kits_of(by: Actor, participant: Participant, protocol: Protocol) -> list[KitOfParticipant]:
    """The kits of a participant that the person sees, the first first."""
    if protocol.kits is None:
        return []
    rows = Kit.objects.filter(step__participant=participant)
    found = rows.select_related("batch", "step__participant").order_by("left")
    return [_of_participant(by, participant, protocol, kit) for kit in found]


def kit_to_change(by: Actor, code: str, number: str) -> tuple[Participant, Kits, KitOfParticipant]:
    """A kit that a participant still has, with who it is.

    Raises:
        NotFound: there is none of this number, it came back or was replaced, or the person may
            neither take it back nor replace it.
    """
    participant, protocol = participant_and_protocol(by, code)
    found = (each for each in kits_of(by, participant, protocol) if each.line.number == number)
    kit = next(found, None)
    if kit is None or protocol.kits is None or not (kit.may_return or kit.may_replace):
        raise NotFound
    return participant, protocol.kits, kit


def _of_participant(
    by: Actor, participant: Participant, protocol: Protocol, kit: Kit
) -> KitOfParticipant:
    held = kit.status == KitStatus.DISPENSED and kit.step is not None
    roles: Iterable[str] = protocol.step(kit.step.step).roles if kit.step else ()
    return KitOfParticipant(
        _line(kit, told=False),
        held and role_to_receive_kits(by, protocol, participant.site) is not None,
        held and by.role_among(tuple(roles), participant.site) is not None,
    )


def _line(kit: Kit, *, told: bool) -> KitLine:
    step = None if told else kit.step
    return KitLine(
        number=kit.number,
        batch=kit.batch.number,
        site=kit.site,
        status=KitStatus(kit.status),
        expires_on=kit.expires_on,
        participant=step.participant.code if step else "",
        step=step.step if step else "",
        visit=name_of(step.visit, step.occurrence) if step and step.visit else "",
        dispensed_on=None if told else kit.dispensed_on,
        returned_on=None if told else kit.returned_on,
        unused="" if told else kit.unused,
        reason=kit.reason,
        product=product_of(kit) if told else "",
        strength=kit.strength or "",
    )
