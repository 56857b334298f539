"""Whether someone could join a trial, by the little that a record says in numbers: a page's part.

Nothing of what is asked is kept: it stands in the address of the page, and nowhere else.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from trialwright.registry.library.library import Library, LibraryError
from trialwright.registry.record.record import Record
from trialwright.registry.record.values import Given
from trialwright.registry.search.places import distance_km, find_place
from trialwright.web.components import Row, Status
from trialwright.web.registry.words import age_text

_OPEN = {"RECRUITING", "ENROLLING_BY_INVITATION"}
_OLDEST = 130
_ANYWHERE_KM = 20_100.0


@dataclass(frozen=True, slots=True)
class Joining:
    """The question as asked, and what the record says to it: nothing while nothing is asked."""

    age: str
    sex: str
    near: str
    verdict: Status | None
    answers: Sequence[Row]


def could_join(record: Record, library: Library, asked: Mapping[str, str]) -> Joining:
    """Answer whether the record's limits of age and sex admit someone, and where is nearest."""
    age, sex, near = (asked.get(name, "").strip()[:100] for name in ("age", "sex", "near"))
    sex = sex if sex in {"FEMALE", "MALE"} else ""
    if not (age or sex or near):
        return Joining(age, sex, near, None, ())
    verdicts: list[bool | None] = []
    answers: list[Row] = []
    for asked_for, answer in (
        (age, lambda: _age(record, age)), (sex, lambda: _sex(record, sex)),
    ):  # fmt: skip
        if asked_for:
            fits, row = answer()
            verdicts.append(fits)
            answers.append(row)
    recruiting = record.status.value in _OPEN
    answers.append(Row(_("Recruiting"), _("Yes, as registered") if recruiting
                       else _("No: the trial is not registered as recruiting")))  # fmt: skip
    if near:
        answers.append(_nearest(record, library, near))
    return Joining(age, sex, near, _verdict([*verdicts, recruiting]), answers)


def _verdict(fits: Sequence[bool | None]) -> Status:
    if False in fits:
        return Status(_("Probably not, by what the record says"), "idle")
    if None in fits:
        return Status(_("The record doesn't say enough"), "caution")
    return Status(_("Possibly: nothing here excludes it"), "good")


def _age(record: Record, asked: str) -> tuple[bool | None, Row]:
    key = _("Age")
    if not re.fullmatch(r"\d{1,3}", asked) or int(asked) > _OLDEST:
        return None, Row(key, unsaid=_("Enter the age in whole years, from 0 to 130."))
    years = int(asked)
    low, high = record.eligibility.minimum_age, record.eligibility.maximum_age
    if low.value is None and high.value is None and low.given is not Given.NOT_APPLICABLE:
        return None, Row(key, unsaid=_("The record gives no limits of age."))
    # A limit of "17 years" admits all who are seventeen: up to their next birthday.
    too_young = low.value is not None and years + 1 <= low.value.years
    too_old = high.value is not None and years > high.value.years
    if too_young and low.value is not None:
        return False, Row(key, _("Too young: {limit} and older").format(limit=age_text(low.value)))
    if too_old and high.value is not None:
        return False, Row(key, _("Too old: up to {limit}").format(limit=age_text(high.value)))
    return True, Row(key, _("Within the limits"))


def _sex(record: Record, asked: str) -> tuple[bool | None, Row]:
    key = _("Sex")
    admitted = record.eligibility.sex.value
    if admitted not in {"ALL", "FEMALE", "MALE"}:
        return None, Row(key, unsaid=_("The record doesn't say who is admitted."))
    if admitted in {"ALL", asked}:
        return True, Row(key, _("Admitted"))
    words = _("Women only") if admitted == "FEMALE" else _("Men only")
    return False, Row(key, words)


def _nearest(record: Record, library: Library, near: str) -> Row:
    key = _("Nearest place")
    try:
        centre = find_place(library, near, _ANYWHERE_KM)
    except LibraryError:
        words = _("No trial of the library gives coordinates for “{place}”.")
        return Row(key, unsaid=words.format(place=near))
    here = (centre.latitude, centre.longitude)
    known = [
        (distance_km(here, (place.latitude.value, place.longitude.value)), place)
        for place in record.locations
        if place.latitude.value is not None and place.longitude.value is not None
    ]
    if not known:
        return Row(key, unsaid=_("The record gives no coordinates of its places."))
    kilometres, place = min(known, key=lambda pair: pair[0])
    names = (place.facility.value, place.city.value, place.country.value)
    text = _("{place}, {kilometres} km away").format(
        place=", ".join(filter(None, names)), kilometres=f"{kilometres:,.0f}"
    )
    return Row(key, text)
