"""The pictures of a landscape: each under its sentence and over its table."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from trialwright.registry.index.schema import NOT_PROVIDED
from trialwright.registry.record.codes import codes_of
from trialwright.registry.search.landscape import Landscape, SizeClass
from trialwright.registry.search.query import parse
from trialwright.report.document import Drawing
from trialwright.report.figures.counts import horizontal_bars, vertical_bars
from trialwright.report.figures.matrix import matrix_figure
from trialwright.web.components import Cell, Column, Table
from trialwright.web.registry.request import SearchRequest
from trialwright.web.registry.search_page import FILTER_NAMES, code_name
from trialwright.web.sentences import sentences

_MOST_BARS = 15
_MOST_STATUSES = 10
_MOST_YEARS = 40
_MOST_ROWS = 100


@dataclass(frozen=True, slots=True)
class LandscapePicture:
    """A drawing: its heading and name, the sentence above it, the table under it."""

    heading: str
    name: str
    sentence: str
    svg: SafeString
    table: Table


def pictures(asked: SearchRequest, found: Landscape) -> list[LandscapePicture]:
    """Draw what a search found; nothing where it found nothing."""
    if not found.total:
        return []
    return [
        _status_and_phase(asked, found),
        *_years(asked, found),
        *_values(asked, found, "country"),
        *_sizes(asked, found),
        *_values(asked, found, "lead_sponsor"),
    ]


def _drawn(drawing: Drawing) -> SafeString:
    # What stands in a drawing was escaped when it was made.
    return mark_safe(drawing.svg)  # noqa: S308


def _alternative(sentence: str, pairs: Sequence[tuple[str, int]]) -> str:
    return sentence + " " + "; ".join(f"{name}: {count:,}" for name, count in pairs)


def _status_and_phase(asked: SearchRequest, found: Landscape) -> LandscapePicture:
    statuses = [code for code, _count in found.statuses]
    phases = _phases(found)
    counts = [[found.cells[status].get(phase, 0) for phase in phases] for status in statuses]
    rows = [code_name("status", code)[0] for code in statuses]
    columns = [_phase_name(code) for code in phases]
    words = ngettext(
        "{count} trial; most often the status is “{status}” ({most}).",
        "{count} trials; most often the status is “{status}” ({most}).",
        found.total,
    )
    most = f"{found.statuses[0][1]:,}"
    said = [words.format(count=f"{found.total:,}", status=rows[0], most=most)]
    said.append(_("A trial of two phases counts in both."))
    if len(rows) > _MOST_STATUSES:
        said.append(_("Rarer statuses are in the table alone."))
    sentence = sentences(said)
    told = _alternative(sentence, list(zip(rows, map(sum, counts), strict=True)))
    figure = matrix_figure(rows[:_MOST_STATUSES], columns, counts[:_MOST_STATUSES], told)
    table = Table(
        _("Trials by status and phase"),
        [Column(_("Status as registered")), *(Column(name, number=True) for name in columns)],
        [
            [
                Cell(row, _to(asked, status=status)),
                *(
                    Cell(f"{count:,}", _to(asked, status=status, phase=phase) if count else "")
                    for phase, count in zip(phases, cells, strict=True)
                ),
            ]
            for row, status, cells in zip(rows, statuses, counts, strict=True)
        ],
    )
    return LandscapePicture(
        _("By phase and status"), "phase-status", sentence, _drawn(figure), table
    )


def _phases(found: Landscape) -> list[str]:
    """The phases met, from early to late, then what else stands there."""
    met = {code for row in found.cells.values() for code in row}
    known = [*(code for code in codes_of("phase") if code != "NA"), "NA"]
    others = sorted(met - {*known, NOT_PROVIDED})
    return [code for code in (*known, *others, NOT_PROVIDED) if code in met]


def _phase_name(code: str) -> str:
    return _("Not provided") if code == NOT_PROVIDED else code_name("phase", code)[0]


def _to(asked: SearchRequest, **codes: str) -> str:
    """The address of the trials that a cell counts; "" where a filter stands in the way."""
    if any(name in asked.filters for name in codes):
        return ""
    filters = {**asked.filters, **{name: (code,) for name, code in codes.items()}}
    return asked.but(filters=filters).address()


def _years(asked: SearchRequest, found: Landscape) -> Iterator[LandscapePicture]:
    if not found.years:
        return
    counts = dict(found.years)
    last = max(counts)
    first = max(min(counts), last - _MOST_YEARS + 1)
    earlier = sum(count for year, count in counts.items() if year < first)
    peak, most = max(found.years, key=lambda item: (item[1], item[0]))
    words = _("The most frequent start year is {year} ({count}); {without} give no start.")
    without = found.total - sum(counts.values())
    said = [words.format(year=peak, count=f"{most:,}", without=f"{without:,}")]
    if earlier:
        words = _("{count} started before {year} and are in the table alone.")
        said.append(words.format(count=f"{earlier:,}", year=first))
    sentence = sentences(said)
    rows = [
        (str(year), count, _to(asked, start_year=str(year)), "")
        for year, count in reversed(found.years)
    ]
    told = _alternative(sentence, [(str(year), count) for year, count in found.years])
    bars = [(str(year), counts.get(year, 0)) for year in range(first, last + 1)]
    yield LandscapePicture(
        heading=_("By start year"),
        name="years",
        sentence=sentence,
        svg=_drawn(vertical_bars(bars, told)),
        table=_table(_("Trials by start year"), _("Start year"), rows),
    )


def _values(asked: SearchRequest, found: Landscape, name: str) -> Iterator[LandscapePicture]:
    """The values of a filter that are not codes: countries, sponsors."""
    counts = found.countries if name == "country" else found.sponsors
    stated = [(code, count) for code, count in counts if code != NOT_PROVIDED]
    if not stated:
        return
    first, most = stated[0]
    words = _("{name} stands first with {count} of {total} trials ({share}%).")
    share = round(100 * most / found.total)
    said = [words.format(name=first, count=f"{most:,}", total=f"{found.total:,}", share=share)]
    if missing := sum(count for code, count in counts if code == NOT_PROVIDED):
        said.append(_("{count} don’t say.").format(count=f"{missing:,}"))
    if len(stated) > _MOST_BARS:
        said.append(_("The first {shown} are drawn.").format(shown=_MOST_BARS))
    sentence = sentences(said)
    rows = [
        (code_name(name, code)[0], count, _to(asked, **{name: code}), code_name(name, code)[1])
        for code, count in counts[:_MOST_ROWS]
    ]
    rest = len(counts) - len(rows)
    note = _("{count} rarer ones are left out.").format(count=f"{rest:,}") if rest else ""
    shown = stated[:_MOST_BARS]
    heading = _("By country") if name == "country" else _("By lead sponsor")
    yield LandscapePicture(
        heading=heading,
        name=name,
        sentence=sentence,
        svg=_drawn(horizontal_bars(shown, _alternative(sentence, shown))),
        table=_table(heading, str(FILTER_NAMES[name][0]), rows, note),
    )


def _sizes(asked: SearchRequest, found: Landscape) -> Iterator[LandscapePicture]:
    stated = sum(size.count for size in found.sizes)
    if not stated:
        return
    most = max(found.sizes, key=lambda size: size.count)
    words = _(
        "Most often a trial has {size} participants, planned or counted ({count} of {total}); "
        "{without} give no number."
    )
    without = f"{found.total - stated:,}"
    sentence = words.format(
        size=_size(most), count=f"{most.count:,}", total=f"{stated:,}", without=without
    )
    rows = [(_size(size), size.count, _of_size(asked, size), "") for size in found.sizes]
    told = _alternative(sentence, [(_size(size), size.count) for size in found.sizes])
    bars = [
        (f"{size.low:,}+" if size.high is None else _size(size), size.count) for size in found.sizes
    ]
    yield LandscapePicture(
        heading=_("By number of participants"),
        name="sizes",
        sentence=sentence,
        svg=_drawn(vertical_bars(bars, told)),
        table=_table(_("Trials by number of participants"), _("Participants"), rows),
    )


def _size(size: SizeClass) -> str:
    if size.high is None:
        return _("{low} or more").format(low=f"{size.low:,}")
    return f"{size.low:,}" if size.low == size.high else f"{size.low:,}–{size.high:,}"


def _of_size(asked: SearchRequest, size: SizeClass) -> str:
    """The address of trials of a size; "" where the words are such that none can be added."""
    if parse(asked.words)[1]:
        return ""
    bounds = f">={size.low}" if size.high is None else f"{size.low}..{size.high}"
    words = f"({asked.words}) enrolment:{bounds}" if asked.words else f"enrolment:{bounds}"
    return asked.but(words=words).address()


def _table(
    caption: str, head: str, rows: Sequence[tuple[str, int, str, str]], note: str = ""
) -> Table:
    cells = [
        [Cell(words, href if count else "", lang=lang), Cell(f"{count:,}")]
        for words, count, href, lang in rows
    ]
    return Table(caption, [Column(head), Column(_("Trials"), number=True)], cells, note=note)
