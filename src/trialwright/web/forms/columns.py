"""A column of laboratory results, pasted as lines where there are no scripts to spread it."""

from collections.abc import Mapping

from trialwright.protocol.forms import Form, Item, ItemType, Section


def is_result(item: Item) -> bool:
    """Whether an item can be a row of a table of results."""
    asked_always = item.show_when is None and not item.unmasking and not item.computed
    return item.type is ItemType.LAB and asked_always


def spread(form: Form, post: Mapping[str, str]) -> tuple[dict[str, str], dict[str, str]]:
    """Fill the lines of pasted columns into the boxes that are still empty.

    Returns what was sent with the boxes filled, and by section the columns that have more lines
    than the section has results: of these nothing is filled in.
    """
    filled, too_long = {name: post[name] for name in post}, {}
    for section in form.sections:
        text = post.get(f"{section.key}.column", "").strip("\r\n")
        if not text:
            continue
        rows, lines = _rows(section), text.splitlines()
        if len(lines) > len(rows):
            too_long[section.key] = text
            continue
        for item, line in zip(rows, lines, strict=False):
            if line.strip() and not filled.get(item.key, "").strip():
                filled[item.key] = line.split("\t")[-1]
    return filled, too_long


def _rows(section: Section) -> list[Item]:
    return [item for item in section.items if is_result(item)]
