"""Forms about the treatment and what follows from it: the operation, hormones, pregnancies."""

from datetime import date, datetime, timedelta

from trialwright.demonstration.cohort import Fate, Woman
from trialwright.demonstration.sheets import Sheet, Sitting, number, yes
from trialwright.protocol.values import Missing

_ROUTES = {1: "amnion_graft", 2: "amnion_graft", 3: "intravenous", 4: "intrauterine", 5: "hydrogel"}
_AMNION_ALONE = 2
STOPPED_EARLY = "The participant was restless and the procedure was ended early"


def procedure(woman: Woman, began: datetime, resected: datetime) -> Sheet:
    """The resection, as the surgeon notes it."""
    draw = woman.stream("procedure")
    return Sheet(
        {
            "operated_on": began.date().isoformat(),
            "started_at": f"{began:%H:%M}",
            "resected_at": f"{resected:%H:%M}",
            "completeness": "partial" if woman.scarring > 0.85 else "complete",
            "fluid_deficit": str(draw.randrange(80, 620, 10)),
            "blood_loss": str(draw.randrange(5, 60, 5)),
            "perforation": "no",
            "balloon_in": "yes",
            "antibiotics": "yes",
        }
    )


def administration(woman: Woman, arm: int, given: datetime) -> Sheet:
    """What was given, for unmasked eyes alone."""
    draw = woman.stream("administration")
    cells = arm != _AMNION_ALONE
    in_part = woman.fate is Fate.IN_PART
    viable = draw.uniform(94, 106) * (0.6 if in_part else 1)
    thawed = given - timedelta(minutes=draw.randrange(35, 130))
    rhd = "N" if woman.rhd == "negative" else "P"
    typed: dict[str, str | Missing] = {
        "lot": f"{'H' if cells else 'A'}{given:%y%m}-{rhd}{draw.randrange(1, 4)}",
        "route": _ROUTES[arm],
        "thawed_at": f"{thawed:%H:%M}" if cells else Missing("not_applicable"),
        "given_at": f"{given:%H:%M}",
        "given": "part" if in_part else "whole",
        "viable_cells": number(viable, 1) if cells else Missing("not_applicable"),
        "infusion_covered": "yes",
    }
    if in_part:
        typed["why_not"] = STOPPED_EARLY
    return Sheet(typed, {"viable_cells": STOPPED_EARLY})


def oximetry(woman: Woman, at: datetime) -> Sheet:
    """One reading of the first four hours."""
    draw = woman.stream("oximetry", at.hour)
    return Sheet(
        {"read_at": f"{at:%H:%M}", "saturation": str(draw.choice((96, 97, 97, 98, 98, 99)))}
    )


def balloon(sitting: Sitting) -> Sheet:
    """The balloon on day 7."""
    fallen = sitting.draw("balloon").random() < 0.06
    typed = {"fallen_out": yes(fallen), "discharge": "no", "removed": yes(not fallen)}
    return Sheet(typed if fallen else {**typed, "removed_on": sitting.on.isoformat()})


def antibiotic(operated: date) -> Sheet:
    """The three days of antibiotics after the operation, as other medication."""
    return Sheet(
        {
            "name": "Cefuroxime axetil",
            "reason": "Prevention of infection after the operation",
            "dose": "250 mg twice a day",
            "route": "oral",
            "started": operated.isoformat(),
            "ongoing": "no",
            "stopped": (operated + timedelta(days=2)).isoformat(),
        }
    )


def pain_relief(operated: date) -> Sheet:
    """Tablets that some took when they hurt."""
    return Sheet(
        {
            "name": "Ibuprofen",
            "reason": "Cramps after the operation",
            "dose": "300 mg when needed",
            "route": "oral",
            "started": operated.isoformat(),
            "ongoing": "no",
            "stopped": operated.isoformat()[:7],
        }
    )


def hormones(woman: Woman, first: date, last: date) -> Sheet:
    """Three cycles of oestrogen; now and then taken otherwise than prescribed."""
    otherwise = woman.stream("hormones").random() < 0.08
    typed = {
        "first_day": first.isoformat(),
        "cycles": "3",
        "as_prescribed": yes(not otherwise),
        "last_day": last.isoformat(),
    }
    if otherwise:
        typed["change"] = "Forgot the tablets on three days of the second cycle"
    return Sheet(typed)


def bleed_report(reported: date, first: date) -> Sheet:
    """The first bleed without hormones, as she reports it."""
    return Sheet({"reported_on": reported.isoformat(), "first_day": first.isoformat()})


def repeat_adhesiolysis(operated: date) -> Sheet:
    """Another operation for adhesions."""
    return Sheet(
        {
            "operated_on": operated.isoformat(),
            "reason": "Adhesions again at the second look",
        }
    )


def pregnancy_report(reported: date, conceived: date) -> Sheet:
    """A pregnancy by natural conception."""
    return Sheet(
        {
            "reported_on": reported.isoformat(),
            "last_menses": (conceived - timedelta(days=14)).isoformat(),
            "conceived_on": conceived.isoformat(),
            "assisted": "no",
        }
    )


def pregnancy_follow_up(sitting: Sitting) -> Sheet:
    """An ongoing pregnancy in the cavity."""
    return Sheet(
        {
            "seen_on": sitting.on.isoformat(), "ongoing": "yes", "inside": "yes",
            "placenta": "normal",
        }
    )  # fmt: skip


def miscarriage(ended: date) -> Sheet:
    """The end of a pregnancy in the first weeks."""
    return Sheet({"outcome": "miscarriage", "ended_on": ended.isoformat()})
