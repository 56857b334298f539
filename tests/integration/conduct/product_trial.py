"""A small blinded trial of which one arm is given cells from containers."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

from tests.integration.conduct.other_trials import HEAD, Trial, begin
from trialwright.conduct.actions import identifying
from trialwright.conduct.actions.bedside import Scan, give_container
from trialwright.conduct.actions.containers import ToMove, label_containers, move_container
from trialwright.conduct.actions.lots import (
    NewLot,
    Result,
    decide_lot,
    record_result,
    register_donor,
    register_lot,
)
from trialwright.conduct.allocation import allocation_list
from trialwright.conduct.identity.identities import Known
from trialwright.conduct.models import Container, Lot
from trialwright.conduct.products.bedside import DosePlace
from trialwright.conduct.products.lots import state_of
from trialwright.custody.bedside import Refusal
from trialwright.custody.codes import wristband_of
from trialwright.custody.containers import ContainerStatus
from trialwright.custody.lots import LotStatus

STUDY = "CELLS-01"
PRODUCTS = """\
products:
  cells:
    label: "Cells"
    description: "Cells of a donor"
    use_within_hours: 4
    donor_tests: {hiv: {label: "HIV", type: yes_no, requires: "not hiv"}}
    components: {bag: {label: "Bag"}}
    release:
      viability: {label: "Viability", type: number, unit: "%", requires: "viability >= 80"}
      sterility: {label: "Sterility", type: yes_no, requires: "sterility"}
    may_be_open: [sterility]
    container: {holds: 100, unit: "10⁶", keep_years: 30}
    body_weight: "day_1.score.points"
  water: {label: "Water", description: "Water"}
"""
FILE = (
    HEAD.format(study=STUDY, title="Cells, blinded", participants=20, last="week_4")
    .replace(
        "may: [see_participants, see_ledger]\n    knows_arm: yes",
        "may: [see_participants, see_ledger, handle_products]\n    knows_arm: yes",
    )
    .replace(
        "  statistician:",
        "  doctor: {label: Doctor, at_site: yes, may: [see_participants], knows_arm: yes}\n"
        "  laboratory: {label: Laboratory, may: [see_ledger, record_lots], knows_arm: yes}\n"
        "  qualified: {label: QP, may: [see_ledger, release_lots], knows_arm: yes}\n"
        "  safety_office: {like: safety_office}\n"
        "  statistician:",
    )
    .replace("populations:\n", PRODUCTS + "populations:\n")
    + """\
arms:
  cells: {label: "Cells", type: experimental, description: "Cells", products: [cells]}
  water: {label: "Water", type: placebo_comparator, description: "Water", products: [water]}
allocation: {ratio: {cells: 1, water: 1}, block_sizes: [2, 4]}
steps:
  infuse:
    label: "Infuse"
    roles: [doctor, pharmacist]
    at: [day_1]
    records: dose
    planned: {amount: 100, unit: "10⁶"}
    dispenses: container
anchors:
  allocation: {label: "Allocation", step: allocation}
  first: {label: "Infusion", step: infuse}
visits:
  day_1: {label: "Day 1", anchor: allocation, window_after_days: 60, forms: [score]}
  week_4: {label: "Week 4", anchor: first, day: 28, window_after_days: 7, forms: [score]}
"""
)
PLACE = DosePlace("infuse", "day_1")


class Cells:
    """The trial with its laboratory: donors, lots and containers as a test needs them."""

    def __init__(self, text: str = FILE, trial: Trial | None = None) -> None:
        self.trial = trial or begin(text)

    def by(self, name: str) -> Any:
        return self.trial.person(name)

    def donor(self, **results: str) -> str:
        code = register_donor(by=self.by("laboratory"), product="cells", at=self.trial.now)
        self.result("hiv", results.get("hiv", "no"), donor=code)
        return code

    def result(
        self, test: str, typed: str, name: str = "laboratory", **whose: str
    ) -> LotStatus | None:
        found = Result(test, typed, self.trial.now.date())
        return record_result(by=self.by(name), result=found, at=self.trial.now, **whose)

    def lot(self, donor: str | None = None, name: str = "laboratory", **results: str) -> str:
        """A lot in quarantine with its results; one that is None was not done."""
        donor = donor or self.donor()
        new = NewLot(
            "cells", self.trial.now + timedelta(days=300), "Maker", "M-1",
            {donor: self.trial.now.date()}, {"bag": "BAG-7"},
        )  # fmt: skip
        code = register_lot(by=self.by("laboratory"), lot=new, at=self.trial.now)
        for test, typed in ({"viability": "92", "sterility": "yes"} | results).items():
            if typed != "-":
                self.result(test, typed, name, lot=code)
        return code

    def hash(self, lot: str) -> str:
        row = Lot.objects.get(code=lot)
        return state_of(row, self.trial.protocol.product(row.product)).content_hash

    def decide(self, lot: str, status: LotStatus, name: str = "qualified", **more: Any) -> None:
        given = {"content_hash": self.hash(lot)} | more
        decide_lot(by=self.by(name), lot=lot, status=status, at=self.trial.now, **given)

    def released(self, donor: str | None = None) -> str:
        code = self.lot(donor)
        self.decide(code, LotStatus.RELEASED)
        return code

    def labelled(self, lot: str, number: int = 1) -> tuple[str, ...]:
        return label_containers(
            by=self.by("laboratory"), lot=lot, number=number, place="Tank 1", at=self.trial.now
        )

    def move(
        self, code: str, status: ContainerStatus, name: str = "pharmacist", **more: Any
    ) -> None:
        move_container(by=self.by(name), code=code, move=ToMove(status, **more), at=self.trial.now)

    def at_site(self, lot: str, number: int = 1) -> tuple[str, ...]:
        codes = self.labelled(lot, number)
        for code in codes:
            self.move(code, ContainerStatus.SENT, "laboratory", site="C", temperature="-150")
            self.move(code, ContainerStatus.STOCK, place="Freezer 2", temperature="-148.5")
        return codes

    def thawed(self, lot: str) -> str:
        (code,) = self.at_site(lot)
        self.move(code, ContainerStatus.THAWED)
        return code

    def of_arm(self, arm: str) -> str:
        """A participant of an arm, with a hospital number."""
        key = {"cells": 1, "water": 2}[arm]
        while True:
            code = self.trial.randomised()
            known = Known(name="Wang", hospital_number=f"H-{code}")
            identifying.save_identity(
                by=self.by("coordinator"), code=code, known=known, at=self.trial.now
            )
            if allocation_list.arm_of(self.trial.row(code)) == key:
                return code

    def scan(self, container: str, code: str, **changed: Any) -> Scan:
        """What two people scan who make no mistake."""
        now = self.trial.now
        good = Scan(
            container, wristband_of(code), f"H-{code}", self.by("doctor").person_id, Decimal(100),
            "10⁶", now, now + timedelta(minutes=20),
        )  # fmt: skip
        return replace(good, **changed)

    def give(self, container: str, code: str, **changed: Any) -> tuple[Refusal, ...]:
        return give_container(
            by=self.by("pharmacist"), code=code, place=PLACE,
            scan=self.scan(container, code, **changed), at=self.trial.now,
        )  # fmt: skip

    def infuse(self, code: str) -> None:
        self.trial.taking("doctor", code, "infuse", "day_1")()

    def given(self, lot: str) -> str:
        """A participant who was given a container of this lot."""
        code = self.of_arm("cells")
        assert self.give(self.thawed(lot), code) == ()
        self.infuse(code)
        return code

    def status(self, container: str) -> str:
        return Container.objects.get(code=container).status
