"""Copies of the report by arm for the readers of the board, each with a password of its own."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from django.db.models import Max

from trialwright.accounts.policy import Actor, role_to_keep_board
from trialwright.accounts.reads import holders_on
from trialwright.conduct import sealed_values
from trialwright.conduct.acting import ActionContext, acting
from trialwright.conduct.clock import day_of, installation_zone
from trialwright.conduct.models import ClosedReportCopy, DataCut
from trialwright.conduct.refusals import NotFound
from trialwright.conduct.safety.closed_report_details import CopyDetails, new_password
from trialwright.conduct.tables import row_of
from trialwright.safety.board import board_rules


def copy_closed_report(
    *, by: Actor, cut: str, reader: UUID, language: Literal["en", "zh"], at: datetime | None = None
) -> int:
    """Record that a cut's report by arm is encrypted for a member of the board, and draw the
    password; returns the number of the copy.

    Raises:
        NotFound: there is no such cut, the reader is no member, or this person doesn't keep the
            board's records.
    """
    with acting(by, _keeper, "copy_closed_report", at=at) as context:
        row = row_of(DataCut, study_id=context.study.pk, name=cut)
        members = board_rules(context.protocol).members
        today = day_of(context.at, installation_zone())
        if row is None or reader not in holders_on(context.study.pk, members, today):
            raise NotFound
        last = ClosedReportCopy.objects.filter(study=context.study).aggregate(last=Max("number"))
        copy = ClosedReportCopy(
            study=context.study,
            number=(last["last"] or 0) + 1,
            cut=row,
            reader=reader,
            language=language,
            made_at=context.at,
            made_by=context.by.person_id,
            role=context.role,
        )
        context.record_sealed(copy, sealed_values.dump(CopyDetails(new_password())))
        return copy.number


def _keeper(context: ActionContext) -> str | None:
    return role_to_keep_board(context.by, board_rules(context.protocol).members)
