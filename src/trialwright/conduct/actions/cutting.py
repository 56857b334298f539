"""Data cuts: freeze the state of the study at one number of its ledger."""

import re
from datetime import datetime

from django.utils.translation import gettext_lazy as _

from trialwright.accounts.policy import Act, Actor
from trialwright.analysis.cut_bytes import canonical_hash
from trialwright.conduct.acting import acting
from trialwright.conduct.cut import store as cut_store
from trialwright.conduct.cut.making import open_cut, sealed_part
from trialwright.conduct.models import DataCut
from trialwright.conduct.refusals import ActionRefused, Problem

_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")


def cut_data(*, by: Actor, name: str, at: datetime | None = None) -> str:
    """Freeze the study's state under a name; returns the hash of the open part.

    The cut stands at the ledger numbers before its own entry. Its files are written before the
    entry is committed, so that there is no cut without its files.
    """
    with acting(by, Act.CUT_DATA, "cut_data", at=at) as context:
        if not _NAME.fullmatch(name):
            raise ActionRefused(
                problems=(
                    Problem(
                        "name",
                        _("Name the cut with small letters, digits and hyphens, such as board-1."),
                    ),
                )
            )
        if DataCut.objects.filter(study=context.study, name=name).exists():
            raise ActionRefused(
                problems=(
                    Problem(
                        "name", _("There is a cut of this name already. Cuts are never changed.")
                    ),
                )
            )
        cut = open_cut(context.study, context.protocol, name, context.at)
        sha256 = canonical_hash(cut)
        cut_store.store(
            cut, sealed_part(context.study, context.protocol, cut, sha256), context.protocol
        )
        context.record(
            DataCut(
                study=context.study,
                name=name,
                cut_at=context.at,
                cut_by=by.person_id,
                open_seq=cut.open_head.seq,
                open_hash=cut.open_head.hash,
                sealed_seq=cut.sealed_head.seq,
                sealed_hash=cut.sealed_head.hash,
                sha256=sha256,
            )
        )
        return sha256
