"""Checks at the bedside that were refused, as a table."""

from collections.abc import Sequence

from django.utils.translation import gettext as _

from trialwright.conduct.products.bedside import Check
from trialwright.conduct.products.words import REFUSALS
from trialwright.web import dates
from trialwright.web.clinical.frame import Frame
from trialwright.web.components import Cell, Column, Table


def near_miss_table(frame: Frame, checks: Sequence[Check]) -> Table:
    """The near misses, the latest first."""
    return Table(
        caption=_("Near misses at the bedside"),
        columns=[Column(_("When")), Column(_("Participant")), Column(_("Container")),
                 Column(_("What forbade it"))],
        rows=[
            [
                Cell(dates.written(each.at)),
                Cell(each.participant, code=True,
                     href=f"{frame.href}/participants/{each.participant}"),
                Cell(each.container, code=True),
                Cell(" ".join(str(REFUSALS[why]) for why in each.refusals)),
            ]
            for each in checks
        ],
        empty=_("No check at the bedside was refused."),
    )  # fmt: skip
