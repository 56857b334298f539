"""Laboratory results come in by file: a mapping kept under version, a file, and what is entered.

Each form is saved by the same action as people's entries, in a transaction of its own. So others go
on working, what is interrupted is gone on with, and a file that is entered twice changes nothing.
"""

import hashlib
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext_lazy as _

from trialwright.accounts.policy import Act, Actor
from trialwright.conduct.acting import acting
from trialwright.conduct.actions.entering import save_entry
from trialwright.conduct.laboratory.imported import Import
from trialwright.conduct.laboratory.result_files import lines_from
from trialwright.conduct.laboratory.result_mappings import read_mapping
from trialwright.conduct.models import ResultFile, ResultMapping
from trialwright.conduct.reads.results import (
    FormResults,
    Found,
    Preview,
    ResultFound,
    preview,
    require_keeper,
)
from trialwright.conduct.refusals import ActionRefused, Conflict, NotFound, Problem

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,31}")


def keep_mapping(*, by: Actor, name: str, text: str, at: datetime | None = None) -> int:
    """Keep a mapping of a laboratory's files onto forms; returns its version.

    Raises:
        ActionRefused: a line isn't understood or names what the protocol hasn't, with its words.
    """
    with acting(by, Act.KEEP_LABORATORY, "keep_mapping", at=at) as context:
        if not _NAME.fullmatch(name):
            words = _("Enter a name of at most 32 letters, digits, - and _, such as CENTRAL.")
            raise ActionRefused(problems=(Problem("name", words),))
        _found, problems = read_mapping(context.protocol, text)
        if problems:
            raise ActionRefused(problems=tuple(problems[:10]))
        before = ResultMapping.objects.filter(study=context.study, name=name)
        newest = before.order_by("-version").first()
        if newest is not None and newest.text == text:
            return newest.version
        row = ResultMapping(
            study=context.study,
            name=name,
            version=newest.version + 1 if newest else 1,
            text=text,
            recorded_at=context.at,
            recorded_by=context.by.person_id,
            role=context.role,
        )
        context.record(row)
        return row.version


def upload_results(
    *, by: Actor, mapping: str, source: bytes, file_name: str, at: datetime | None = None
) -> int:
    """Take a file of results, to be looked at; returns its number. Nothing is entered.

    The same file by the same mapping is the same one, and keeps its number.

    Raises:
        ActionRefused: it can't be read by the newest version of the mapping.
    """
    study, protocol = require_keeper(by)
    rows = ResultMapping.objects.filter(study=study, name=mapping).order_by("-version")
    kept = rows.first()
    if kept is None:
        words = _("Choose a mapping. Where there is none, write one first.")
        raise ActionRefused(problems=(Problem("mapping", words),))
    found, problems = read_mapping(protocol, kept.text)
    if problems:
        raise ActionRefused(problems=tuple(Problem("mapping", p.sentence) for p in problems[:10]))
    sha256 = hashlib.sha256(source).hexdigest()
    lines = lines_from(found, source)
    with acting(by, Act.KEEP_LABORATORY, "upload_results", at=at) as context:
        known = ResultFile.objects.filter(mapping=kept, sha256=sha256).first()
        if known is not None:
            return known.number
        row = ResultFile(
            study=context.study,
            number=ResultFile.objects.filter(study=context.study).count() + 1,
            mapping=kept,
            file_name=file_name[-120:],
            sha256=sha256,
            lines=[each.stored() for each in lines],
            uploaded_at=context.at,
            uploaded_by=context.by.person_id,
            role=context.role,
        )
        context.record(row)
        return row.number


@dataclass(frozen=True, slots=True)
class Entered:
    """What came of it: values entered, forms still to do, and results refused on saving."""

    values: int
    left: int
    refused: tuple[ResultFound, ...]


def enter_results(
    *,
    by: Actor,
    number: int,
    replace: str = "",
    within_seconds: float | None = None,
    progress: Callable[[int, int], None] | None = None,
    at: datetime | None = None,
    clock: Callable[[], float] = time.monotonic,
) -> Entered:
    """Enter what is new of a file, form by form.

    Args:
        replace: why values that differ from those stored are replaced by the file's; without it
            they stay as they are.
        within_seconds: begins no form after so long; what is left is entered by asking again.
        progress: told after each form how many are done, and how many there are.
    """
    found = preview(by, number)
    begun, values = clock(), 0
    refused: list[ResultFound] = []
    forms = [each for each in found.forms if _wanted(each, replace)]
    for place, form in enumerate(forms):
        if within_seconds is not None and clock() - begun > within_seconds:
            return Entered(values, len(forms) - place, tuple(refused))
        entered, unfit = _enter(by, found, form, replace, at)
        values += entered
        refused += unfit
        if progress is not None:
            progress(place + 1, len(forms))
    return Entered(values, 0, tuple(refused))


def _wanted(form: FormResults, replace: str) -> dict[str, ResultFound]:
    """The results of a form that are to be entered, by item."""
    kinds = {Found.NEW, Found.DIFFERENT} if replace.strip() else {Found.NEW}
    return {each.item: each for each in form.results if each.found in kinds}


def _enter(
    by: Actor, found: Preview, form: FormResults, replace: str, at: datetime | None
) -> tuple[int, list[ResultFound]]:
    """Save one form; an item that is refused is left out and the others saved without it."""
    wanted, unfit = _wanted(form, replace), list[ResultFound]()
    sampled = dict(form.sampled)
    while wanted:
        try:
            _save(by, found, form, wanted, sampled, replace, at)
        except Conflict as error:
            why = str(error.problems[0].sentence)
            return 0, unfit + [_refusal(each, why) for each in wanted.values()]
        except NotFound:
            why = str(_("This form isn't yours to fill in from a file."))
            return 0, unfit + [_refusal(each, why) for each in wanted.values()]
        except ActionRefused as error:
            told = {each.field: str(each.sentence) for each in error.problems}
            bad = [item for item in wanted if item in told]
            if not bad and sampled.keys() & told.keys():
                sampled = {}
                continue
            unfit += [_refusal(wanted[item], told[item]) for item in bad]
            if not bad:
                why = str(error.problems[0].sentence)
                return 0, unfit + [_refusal(each, why) for each in wanted.values()]
            wanted = {item: each for item, each in wanted.items() if item not in bad}
        else:
            return len(wanted), unfit
    return 0, unfit


def _save(
    by: Actor,
    found: Preview,
    form: FormResults,
    wanted: Mapping[str, ResultFound],
    sampled: Mapping[str, str],
    replace: str,
    at: datetime | None,
) -> None:
    rows, file = {item: each.line.row for item, each in wanted.items()}, found.file
    save_entry(
        by=by,
        code=form.code,
        visit=form.visit,
        form=form.form,
        raw={**sampled, **{item: each.line.value for item, each in wanted.items()}},
        based_on=form.revision,
        provenance=Import(file.number, file.file_name, file.sha256, rows, replace),
        at=at,
    )


def _refusal(each: ResultFound, why: str) -> ResultFound:
    return ResultFound(
        each.line, Found.REFUSED, each.visit, each.form, each.item, each.held, why
    )  # fmt: skip
