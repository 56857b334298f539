"""A laboratory's reference ranges are kept as its file has them, each time as a new version."""

import hashlib
import re
from collections.abc import Sequence
from datetime import datetime

from django.utils.translation import gettext_lazy as _

from trialwright.accounts.models import Site
from trialwright.accounts.policy import Act, Actor
from trialwright.conduct.acting import ActionContext, acting
from trialwright.conduct.laboratory.range_lists import (
    NewRange,
    list_problems,
    overlapping,
    ranges_from,
)
from trialwright.conduct.laboratory.reference_ranges import as_new, newest_lists, rebind
from trialwright.conduct.models import Participant, RangeList, ReferenceRange
from trialwright.conduct.refusals import ActionRefused, Problem, Sentence

_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,31}")


def keep_ranges(
    *,
    by: Actor,
    laboratory: str,
    sites: Sequence[str],
    source: bytes,
    file_name: str,
    at: datetime | None = None,
) -> int:
    """Put a laboratory's ranges in force, in place of its earlier ones; returns the version.

    Results that are there already are bound anew in the same transaction; where one thereby comes
    to lie on another side of its range, what was judged of it is undone.

    Args:
        laboratory: its code: letters, digits, `-` and `_`.
        sites: the codes of the sites whose samples it measures; none for all.
        source: the CSV, in UTF-8.

    Raises:
        ActionRefused: the file can't be read, has gaps or overlaps, names tests or units that the
            protocol doesn't ask for, or another laboratory has ranges of a test for a site too.
    """
    new = ranges_from(_text(source))
    with acting(by, Act.KEEP_LABORATORY, "keep_ranges", at=at) as context:
        _require_place(context, laboratory, sites)
        problems = list(list_problems(context.protocol, new))
        if problems:
            raise ActionRefused(problems=tuple(problems))
        sha256 = hashlib.sha256(source).hexdigest()
        others = newest_lists(context.study.identifier)
        own = next((each for each in others if each.laboratory == laboratory), None)
        wanted = ",".join(sorted(set(sites)))
        if own is not None and (own.sha256, own.sites) == (sha256, wanted):
            words = _("These ranges are in force already, as version %(version)d.")
            raise _refused("file", words % {"version": own.version})
        _require_alone(new, sites, [each for each in others if each is not own])
        version = own.version + 1 if own else 1
        kept = RangeList(
            study=context.study,
            laboratory=laboratory,
            version=version,
            sites=wanted,
            file_name=file_name[-120:],
            sha256=sha256,
            recorded_at=context.at,
            recorded_by=context.by.person_id,
            role=context.role,
        )
        context.record(kept)
        context.record_all([_row(kept, each) for each in new])
        context.change(context.study, laboratories=len(others) + (own is None))
        rebind(context, _participants(context, sites, own))
        return version


def _text(source: bytes) -> str:
    try:
        return source.decode("utf-8-sig")
    except UnicodeDecodeError:
        words = _("The file isn't a CSV in UTF-8. Save it as “CSV UTF-8” and send it again.")
        raise _refused("file", words) from None


def _require_place(context: ActionContext, laboratory: str, sites: Sequence[str]) -> None:
    if not _CODE.fullmatch(laboratory):
        words = _("Enter a code of at most 32 letters, digits, - and _, such as CENTRAL.")
        raise _refused("laboratory", words)
    study = context.study.identifier
    known = set(Site.objects.filter(study=study).values_list("code", flat=True))
    if unknown := set(sites) - known:
        words = _("%(site)s is no site of this study. Its sites are %(sites)s.")
        raise _refused("sites", words % {"site": min(unknown), "sites": ", ".join(sorted(known))})


def _require_alone(
    new: Sequence[NewRange], sites: Sequence[str], others: Sequence[RangeList]
) -> None:
    """Refuse a second laboratory's ranges of a test for a site and a day that has some."""
    for other in others:
        shared = not sites or not other.sites or set(sites) & set(other.sites.split(","))
        if not shared:
            continue
        test = overlapping(new, [as_new(row) for row in other.ranges.order_by("row")])
        if test is not None:
            words = _(
                "The laboratory %(other)s has ranges of %(test)s for a site of this one, in force "
                "on the same days. A sample has one range: end them there, or name other sites."
            )
            raise _refused("file", words % {"other": other.laboratory, "test": test})


def _row(kept: RangeList, each: NewRange) -> ReferenceRange:
    return ReferenceRange(
        list=kept,
        row=each.row,
        test=each.test,
        unit=each.unit,
        sex=each.sex,
        age_from=each.age_from,
        age_below=each.age_below,
        low=each.low,
        high=each.high,
        first_day=each.first_day,
        last_day=each.last_day,
    )


def _participants(
    context: ActionContext, sites: Sequence[str], before: RangeList | None
) -> list[Participant]:
    """Whose results the list can touch: those of its sites, now or before."""
    rows = Participant.objects.filter(study=context.study).order_by("code")
    if sites and (before is None or before.sites):
        old = before.sites.split(",") if before else []
        rows = rows.filter(site__in={*sites, *old})
    return list(rows)


def _refused(field: str, words: Sentence) -> ActionRefused:
    return ActionRefused(problems=(Problem(field, words),))
