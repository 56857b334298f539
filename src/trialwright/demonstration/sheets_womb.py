"""Forms about the womb: bleeding, ultrasound, hysteroscopy, each following from one state."""

from datetime import timedelta
from random import Random

from trialwright.demonstration.sheets import Sheet, Sitting, number, yes
from trialwright.protocol.values import Missing

_NO_CYCLE = "No bleeding, so there is no cycle to count the day from"
_PBAC = (
    "tampons_light", "tampons_medium", "tampons_soaked", "pads_light", "pads_medium", "pads_soaked",
    "clots_small", "clots_large",
)  # fmt: skip


def _category(flow: float) -> str:
    steps = ((0.5, "amenorrhoea"), (0.9, "spotting"), (2.0, "scant"), (3.6, "normal"))
    return next((name for limit, name in steps if flow < limit), "heavy")


def _afs_menses(flow: float) -> str:
    return "amenorrhoea" if flow < 0.5 else "hypomenorrhoea" if flow < 2.0 else "normal"


def _diary_lost(sitting: Sitting) -> bool:
    return sitting.draw("diary").random() < 0.03


def _days_and_pads(sitting: Sitting) -> tuple[int, int]:
    draw = sitting.draw("bleed")
    days = max(1, min(8, round(1.6 + 1.1 * sitting.flow + draw.gauss(0, 0.7))))
    return days, max(1, round(days * (0.5 + 1.05 * sitting.flow) * draw.uniform(0.85, 1.15)))


def menses(sitting: Sitting) -> Sheet:
    """The diary of her last bleeding; of none, that there was none."""
    hormones = yes(sitting.visit in ("month_1", "month_2", "month_3"))
    if sitting.flow < 0.5:
        return Sheet(
            {"diary_back": "yes", "bled": "no", "on_hormones": hormones, "category": "amenorrhoea"}
        )
    days, pads = _days_and_pads(sitting)
    ago = sitting.cycle_day or 0
    first = sitting.on - timedelta(days=ago - 1 if ago else sitting.draw("bleed").randrange(9, 20))
    lost = _diary_lost(sitting)
    return Sheet(
        {
            "diary_back": yes(not lost),
            "bled": "yes",
            "first_day": first.isoformat()[: 7 if lost else 10],
            "on_hormones": hormones,
            "days": Missing("not_known") if lost else str(days),
            "pads": Missing("not_known") if lost else str(pads),
            "category": _category(sitting.flow),
        }
    )


def pbac(sitting: Sitting) -> Sheet:
    """The chart of the same bleeding: as many pads as the diary says."""
    if sitting.flow < 0.5:
        return Sheet({})
    if _diary_lost(sitting):
        return Sheet(dict.fromkeys(_PBAC, Missing("sample_lost")))
    _days, pads = _days_and_pads(sitting)
    draw = sitting.draw("pbac")
    soaked = _share(draw, pads, 0.012 * sitting.flow**1.6)
    medium = _share(draw, pads - soaked, 0.04 + 0.1 * sitting.flow)
    counts = dict.fromkeys(_PBAC, 0) | {
        "pads_light": pads - soaked - medium,
        "pads_medium": medium,
        "pads_soaked": soaked,
        "clots_small": draw.randrange(0, 3) if sitting.flow > 1.8 else 0,
    }
    return Sheet({item: str(count) for item, count in counts.items()})


def _share(draw: Random, of: int, chance: float) -> int:
    return sum(draw.random() < chance for _ in range(of))


def ultrasound(sitting: Sitting) -> Sheet:
    """Thickness follows the bleeding, more on oestrogen; the womb keeps its size."""
    draw, own = sitting.draw("ultrasound"), sitting.woman.stream("uterus")
    tablet, cycle = sitting.tablet_day, sitting.cycle_day
    context, day, remarks = "natural", cycle, {}
    if tablet is not None:
        context, day = "oestrogen", tablet
        remarks = {"cycle_day": "Came on the day she could; the scan was not put off"}
    elif sitting.flow < 0.5:
        context, day, remarks = "other", None, {"context": _NO_CYCLE}
    elif day is None:
        day = draw.randint(10, 14)
    thick = 3.1 + 1.35 * sitting.flow + (1.2 if tablet else 0) + draw.gauss(0, 0.45)
    length, width, depth = own.gauss(71, 5), own.gauss(47, 3.5), own.gauss(39, 3)
    typed = {
        "scanned_on": sitting.on.isoformat(),
        "context": context,
        "thickness": number(min(14, max(2.1, thick)), 1),
        "uterus_length": number(length + draw.gauss(0, 1.5)),
        "uterus_width": number(width + draw.gauss(0, 1.2)),
        "uterus_depth": number(depth + draw.gauss(0, 1.2)),
        "haematometra": yes(draw.random() < 0.01),
    }
    if day is not None:
        typed["cycle_day"] = str(day)
    return Sheet(typed, remarks)


def hysteroscopy(sitting: Sitting) -> Sheet:
    """Adhesions before the treatment: at least stage II in a woman who may take part."""
    scarring = sitting.woman.scarring
    extent = "over_two_thirds" if scarring > 0.62 else "to_two_thirds"
    kind = "dense" if scarring > 0.55 else "filmy_and_dense"
    return Sheet(
        {
            "looked_on": sitting.on.isoformat(),
            "extent": extent,
            "adhesion_type": kind,
            "menses": _afs_menses(sitting.woman.flow),
            "esh_stage": _esh(extent, kind),
        }
    )


def second_look(sitting: Sitting) -> Sheet:
    """The assessor's score of the video, a few days later."""
    draw = sitting.draw("second_look")
    left = sitting.scarring + draw.gauss(0, 0.06)
    extent = next(
        name
        for limit, name in (
            (0.2, "none"), (0.42, "under_third"), (0.66, "to_two_thirds"), (9, "over_two_thirds"),
        )
        if left < limit
    )  # fmt: skip
    kind = "none" if extent == "none" else "filmy" if left < 0.36 else "filmy_and_dense"
    if left > 0.6:
        kind = "dense"
    return Sheet(
        {
            "looked_on": sitting.on.isoformat(),
            "scored_on": (sitting.on + timedelta(days=SCORED_AFTER_DAYS)).isoformat(),
            "extent": extent,
            "adhesion_type": kind,
            "menses": _afs_menses(sitting.flow),
            "esh_stage": _esh(extent, kind),
            "endometritis": yes(draw.random() < 0.03),
        }
    )


SCORED_AFTER_DAYS = 4


def _esh(extent: str, kind: str) -> str:
    if extent == "none":
        return "none"
    if kind == "filmy":
        return "I"
    if extent == "over_two_thirds":
        return "IIIb" if kind == "dense" else "IIIa"
    return "III" if extent == "to_two_thirds" else "II"
