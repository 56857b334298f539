"""The cells of the third study: donors, lots and containers, up to the bedside."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from trialwright.conduct.actions import containers, lots, product_notices
from trialwright.conduct.actions.bedside import Scan, give_container
from trialwright.conduct.actions.containers import ToMove
from trialwright.conduct.actions.lots import NewLot, Result
from trialwright.conduct.models import Container, Lot, ProductNotice
from trialwright.conduct.products.bedside import DosePlace
from trialwright.conduct.products.lots import state_of
from trialwright.custody.bedside import Refusal
from trialwright.custody.codes import wristband_of
from trialwright.custody.containers import ContainerStatus
from trialwright.custody.lots import LotStatus

if TYPE_CHECKING:
    from trialwright.demonstration.cells_story import CellsStory

SITE = "C"
_PRODUCT = "cells"
_DOSE, _UNIT = Decimal(100), "10⁶"
_LASTS = timedelta(minutes=20)
_DONOR_TESTS = ("hiv", "hepatitis_b", "syphilis")
_GOOD = {"viability": "92", "endotoxin": "0.1", "sterility": "negative"}
_LABELLED, _SENT = 8, 6


def hospital_number(code: str) -> str:
    """The second identifier of a participant."""
    return f"H{code}"


class CellsSupply:
    """The cell laboratory and the site's product handler at their work in a story."""

    def __init__(self, story: CellsStory) -> None:
        self.story = story
        self.donor = ""

    def failed_lot(self) -> None:
        """A lot that grew something, and is failed by who releases."""
        lot = self._lot(_GOOD | {"sterility": "positive"})
        self._decide(lot, LotStatus.FAILED, reason="Growth in both bottles on day 9")

    def conditional_lot(self) -> None:
        """A lot that is used while its sterility is awaited, and released when it has come."""
        lot = self._lot({key: each for key, each in _GOOD.items() if key != "sterility"})
        self._decide(lot, LotStatus.CONDITIONAL, leaves_open=("sterility",))
        self._send(lot)
        self.story.later(days=14)
        self._enter(Result("sterility", "negative", self.story.now.date()), lot=lot)
        self._decide(lot, LotStatus.RELEASED)

    def released_lot(self) -> None:
        """A lot of another donor."""
        lot = self._lot(_GOOD)
        self._decide(lot, LotStatus.RELEASED)
        self._send(lot)

    def donor_turns_out_infected(self) -> None:
        """A later test of the donor: their lot fails, and each doctor is told, confirms, calls."""
        story = self.story
        found = Result("hepatitis_b", "positive", story.now.date())
        self._enter(found, donor=self.donor)
        story.later(hours=2)
        doctor = story.by("investigator")
        notices = ProductNotice.objects.filter(study=story.protocol.identifier)
        for notice in notices.select_related("participant").order_by("number"):
            code, number = notice.participant.code, notice.number
            product_notices.confirm_notice(by=doctor, code=code, number=number, at=story.now)
            story.later(minutes=20)
            product_notices.record_call(
                by=doctor, code=code, number=number, called_at=story.now, at=story.now
            )
        for container in self._stock(usable=False):
            self._destroy(container, "The lot failed")

    def thaw_too_long(self, code: str) -> None:
        """A container that waited longer than the protocol allows: refused, then destroyed."""
        container = self._stock()[0]
        self._move(container, ToMove(ContainerStatus.THAWED))
        self.story.later(hours=4)
        if self._check(container, code) != (Refusal.PAST_THAW,):
            raise RuntimeError("A container past its limit after thawing was not refused.")
        self._destroy(container, "Past the limit after thawing")

    def give(self, code: str) -> None:
        """Thaw a container and give it, both ends checked by two people."""
        container = self._stock()[0]
        self._move(container, ToMove(ContainerStatus.THAWED))
        self.story.later(minutes=25)
        if refused := self._check(container, code):
            raise RuntimeError(f"A container of the demonstration was refused: {refused}")

    def _lot(self, results: dict[str, str]) -> str:
        story = self.story
        by = story.by("laboratory")
        donated = story.now.date() - timedelta(days=3)
        self.donor = lots.register_donor(by=by, product=_PRODUCT, at=story.now)
        for test in _DONOR_TESTS:
            self._enter(Result(test, "negative", donated), donor=self.donor)
        new = NewLot(
            _PRODUCT, story.now + timedelta(days=730), "Fictional cell laboratory", "",
            {self.donor: donated}, {"medium": "MED-2207", "bag": "BAG-0419"},
        )  # fmt: skip
        lot = lots.register_lot(by=by, lot=new, at=story.now)
        for test, typed in results.items():
            self._enter(Result(test, typed, story.now.date()), lot=lot)
        return lot

    def _enter(self, result: Result, **whose: str) -> None:
        by = self.story.by("laboratory")
        lots.record_result(by=by, result=result, at=self.story.now, **whose)

    def _decide(
        self, lot: str, status: LotStatus, reason: str = "", leaves_open: tuple[str, ...] = ()
    ) -> None:
        row = Lot.objects.get(study=self.story.protocol.identifier, code=lot)
        read = state_of(row, self.story.protocol.product(_PRODUCT)).content_hash
        lots.decide_lot(
            by=self.story.by("qualified_person"), lot=lot, status=status, content_hash=read,
            reason=reason, leaves_open=leaves_open, at=self.story.now,
        )  # fmt: skip

    def _send(self, lot: str) -> None:
        """Label containers and send some to the site, where somebody else receives them."""
        story, by = self.story, self.story.by("laboratory")
        codes = containers.label_containers(
            by=by, lot=lot, number=_LABELLED, place="Tank 1", at=story.now
        )
        for code in codes[:_SENT]:
            sent = ToMove(ContainerStatus.SENT, site=SITE, temperature="-152")
            containers.move_container(by=by, code=code, move=sent, at=story.now)
        story.later(hours=5)
        for code in codes[:_SENT]:
            self._move(code, ToMove(ContainerStatus.STOCK, place="Freezer 2", temperature="-149"))

    def _stock(self, *, usable: bool = True) -> list[str]:
        """The codes of what the site has, of lots that may be used or of those that may not."""
        rows = Container.objects.filter(
            study=self.story.protocol.identifier, site=SITE, status=ContainerStatus.STOCK.value
        )
        over = {"lot__status": LotStatus.FAILED.value}
        rows = rows.exclude(**over) if usable else rows.filter(**over)
        return list(rows.order_by("code").values_list("code", flat=True))

    def _destroy(self, code: str, reason: str) -> None:
        self._move(code, ToMove(ContainerStatus.DESTROYED, reason=reason))

    def _move(self, code: str, move: ToMove) -> None:
        by = self.story.by("product_handler")
        containers.move_container(by=by, code=code, move=move, at=self.story.now)

    def _check(self, container: str, code: str) -> tuple[Refusal, ...]:
        story = self.story
        scan = Scan(
            container, wristband_of(code), hospital_number(code),
            story.by("infusion_doctor").person_id, _DOSE, _UNIT, story.now, story.now + _LASTS,
        )  # fmt: skip
        return give_container(
            by=story.by("product_handler"), code=code, place=DosePlace("infuse"), scan=scan,
            at=story.now,
        )  # fmt: skip
