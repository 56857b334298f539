"""The components as tags: each names one idea of the interface and renders one part."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from django import template
from django.conf import settings
from django.core.paginator import Page
from django.http import HttpRequest
from django.utils.html import escape, format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from trialwright import __version__
from trialwright.report import document
from trialwright.web import dates, language
from trialwright.web.components import (
    Cell,
    Column,
    Link,
    Moment,
    Origin,
    ParticipantBanner,
    Problem,
    Row,
    Status,
    Table,
    Task,
)
from trialwright.web.help.manual import chapter_for

register = template.Library()

_MARKS = {
    "good": '<path d="M1 6.2 4.2 9.5 10 2" fill="none" stroke="currentColor" stroke-width="1.8"/>',
    "todo": '<circle cx="5.5" cy="5.5" r="4.4" fill="none" stroke="currentColor"/>',
    "plain": '<circle cx="5.5" cy="5.5" r="3" fill="currentColor"/>',
    "caution": '<path d="M5.5.8 10.6 10H.4Z" fill="none" stroke="currentColor"/>',
    "stop": '<path d="M3.3.5h4.4l2.8 2.8v4.4L7.7 10.5H3.3L.5 7.7V3.3Z" fill="currentColor"/>',
    "idle": '<path d="M1 5.5h9" stroke="currentColor" stroke-width="1.6"/>',
}


@register.simple_tag
def status(of: Status) -> SafeString:
    """Show a status: its mark says to the eye what the word says to everyone."""
    mark = mark_safe(_MARKS[of.tone])  # noqa: S308  # our own constant
    return format_html(
        '<span class="status {}"><svg viewBox="0 0 11 11" aria-hidden="true">{}</svg>{}</span>',
        of.tone,
        mark,
        of.word,
    )


@register.inclusion_tag("web/parts/tasks.html")
def tasks(rows: Sequence[Task], label: str = "") -> dict[str, Any]:
    """Show a task list; `label` names it for those who can't see its heading."""
    return {"tasks": rows, "label": label}


@register.inclusion_tag("web/parts/facts.html")
def facts(rows: Sequence[Row]) -> dict[str, Any]:
    """Show a summary list; rows with `change` make it a "check your answers"."""
    return {"rows": rows, "changes": any(row.change or row.mark or row.links for row in rows)}


@register.inclusion_tag("web/parts/table.html")
def table(of: Table) -> dict[str, Any]:
    """Show a table with its caption, or why it is empty."""
    return {"table": of}


@register.simple_tag
def table_rows(of: Table) -> SafeString:
    """Show the rows of a table. Written here, not in a template: large tables are a common case."""
    lines = []
    for row in of.rows:
        pairs = enumerate(zip(row, of.columns, strict=True))
        cells = [_cell(cell, column, head=not place) for place, (cell, column) in pairs]
        lines.append(f"<tr>{''.join(cells)}</tr>\n")
    # Every cell is escaped by `format_html`.
    return mark_safe("".join(lines))  # noqa: S308


def _cell(cell: Cell, column: Column, *, head: bool) -> str:
    a_day = isinstance(cell.value, date) and not isinstance(cell.value, datetime)
    kind = "number" if column.number else "code" if cell.code else "nowrap" if a_day else ""
    named = {"class": kind, "lang": cell.lang if cell.value else ""}
    attributes = format_html_join("", ' {}="{}"', ((k, v) for k, v in named.items() if v))
    if cell.href:
        link = '<a class="row" href="{}">{}</a>' if head else '<a href="{}">{}</a>'
        shown: object = format_html(link, cell.href, cell.value)
    elif cell.unsaid and not cell.value:
        shown = format_html('<span class="unsaid">{}</span>', cell.unsaid)
    else:
        shown = show("" if cell.value is None else cell.value)
    if head:
        return format_html('<th scope="row"{}>{}</th>', attributes, shown)
    return format_html('<td data-head="{}"{}>{}</td>', column.head, attributes, shown)


@register.simple_tag
def document_rows(of: document.Table) -> SafeString:
    """Show the rows of a document's table; each group's row heads those under it."""
    numbers = [' class="number"' if column.align == "right" else "" for column in of.columns]
    rows = []
    for row in of.rows:
        first, *others = map(escape, row.cells)
        if row.kind == "group":
            span = len(of.columns)
            head = f'<tr class="group"><th scope="colgroup" colspan="{span}">{first}</th></tr>'
            rows.append(head)
            continue
        level = f"level-{row.level} number" if numbers[0] else f"level-{row.level}"
        cells = "".join(
            f"<td{number}>{cell}</td>" for number, cell in zip(numbers[1:], others, strict=True)
        )
        rows.append(f'<tr><th scope="row" class="{level}">{first}</th>{cells}</tr>')
    return mark_safe("\n".join(rows))  # noqa: S308  # every cell is escaped above


@register.inclusion_tag("web/parts/pages.html", takes_context=True)
def pagination(context: template.Context, page: Page[Any]) -> dict[str, Any]:
    """Show where one is among the pages of a list, keeping the filters of the address."""
    return {"page": page, "address": address_without(context.get("request"), "page")}


@register.inclusion_tag("web/parts/errors.html")
def error_summary(problems: Sequence[Problem]) -> dict[str, Any]:
    """Show what has to be mended, each with a link to its field."""
    return {"problems": problems}


@register.inclusion_tag("web/parts/timeline.html")
def timeline(moments: Sequence[Moment], label: str = "") -> dict[str, Any]:
    """Show moments in their order, dates in the margin."""
    return {"moments": moments, "label": label}


@register.inclusion_tag("web/parts/participant_banner.html")
def participant_banner(participant: ParticipantBanner) -> dict[str, Any]:
    """Show who this page is about."""
    return {"participant": participant}


@register.simple_block_tag
def banner(content: str, tone: str = "plain") -> SafeString:
    """Set a remark apart: `plain`, `caution` or `stop`."""
    return format_html('<div class="banner {}">{}</div>', tone, content)


@register.simple_block_tag
def sealed(content: str, label: str) -> SafeString:
    """Mark what only unmasked people see, so that nobody leaves it on a screen by mistake."""
    return format_html(
        '<div class="sealed"><strong class="label">{}</strong>{}</div>', label, content
    )


@register.simple_block_tag
def entry(content: str, heading: str, name: str) -> SafeString:
    """Set a section as an entry of a notebook, its heading in the margin."""
    return format_html(
        '<section class="entry" aria-labelledby="{0}"><h2 id="{0}">{1}</h2>'
        '<div class="body">{2}</div></section>',
        name,
        heading,
        content,
    )


@register.simple_tag(takes_context=True)
def help_link(context: dict[str, Any]) -> Link:
    """Return the chapter of the manual about what is done on this page."""
    request = context.get("request")
    chapter = chapter_for(request.path if request else "")
    return Link(chapter.heading.in_language(language.current_tag()), f"/manual/{chapter.slug}")


@register.simple_tag
def language_tag() -> str:
    """Return the language of the page, for `lang`."""
    return language.current_tag()


@register.simple_tag(takes_context=True)
def other_languages(context: template.Context) -> list[language.Language]:
    """Return the page in the other languages; nothing where there is no request (error 500)."""
    request = context.get("request")
    return language.others(request) if isinstance(request, HttpRequest) else []


@register.simple_tag
def version() -> str:
    """Return the version of the program."""
    return __version__


@register.simple_tag
def idle_minutes() -> int:
    """Return after how many minutes a screen left alone gives way to signing in."""
    minutes: int = settings.TRIALWRIGHT_IDLE_MINUTES
    return minutes


@register.simple_tag
def origin(of: Origin) -> SafeString:
    """Mark where a fact comes from; its source is the word's explanation."""
    return format_html(
        '<span class="origin {}"{}>{}</span>',
        of.kind,
        format_html(' title="{}"', of.source) if of.source else "",
        of.word,
    )


@register.filter
def show(value: object) -> object:
    """Show a component as itself, a date as people read it, and anything else as its text."""
    match value:
        case Status():
            return status(value)
        case Origin():
            return origin(value)
        case Link():
            return format_html('<a href="{}">{}</a>', value.href, value.text)
        case dates.Dated():
            return dates.written(value)
    return value


@register.filter
def day(value: object) -> str:
    """Write a date as people read it, no more precise than it is, such as "October 2017"."""
    return dates.written(value)


def address_without(request: HttpRequest | None, *names: str) -> str:
    """Return the query of the address without some parameters, ready for another: `?a=1&`."""
    if request is None:
        return "?"
    query = request.GET.copy()
    for name in names:
        query.pop(name, None)
    return f"?{query.urlencode()}&" if query else "?"
