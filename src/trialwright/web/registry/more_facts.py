"""What else a record says: who supports and leads it, its numbers, references, documents, rules."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from django.utils.translation import gettext as _

from trialwright.registry.record.record import Record
from trialwright.registry.record.values import Node
from trialwright.web.components import Cell, Column, Link, Row, Table
from trialwright.web.registry.words import RECORD_LANGUAGE, cell, code_row, code_words, row, unsaid
from trialwright.web.sentences import listed

_DOCUMENTS = "https://cdn.clinicaltrials.gov/large-docs/{}/{}/{}"


def who_and_numbers(record: Record) -> Sequence[Row]:
    """Show collaborators, officials and numbers elsewhere, where the record has them."""
    rows = []
    if names := [one.name.value for one in record.collaborators if one.name.value]:
        rows.append(Row(_("Collaborators"), listed(names), lang=RECORD_LANGUAGE))
    for official in record.officials:
        if official.name.value:
            role = official.role.value or ""
            facts = (official.name.value, official.affiliation.value)
            rows.append(Row(code_words("role", role) if role else _("Official"),
                            ", ".join(filter(None, facts)), lang=RECORD_LANGUAGE))  # fmt: skip
    numbers = [number.value for number in record.secondary_numbers if number.value]
    if numbers:
        rows.append(Row(_("Other numbers"), ", ".join(numbers), code=True))
    if aliases := [number.value for number in record.aliases if number.value]:
        rows.append(Row(_("Former numbers"), ", ".join(aliases), code=True))
    return rows


def oversight(record: Record) -> Sequence[Row]:
    """Show who watches over the trial, and whether its data are shared, where the record says."""
    module, sharing = record.module("oversight"), record.module("ipdSharingStatement")
    asked = (
        (_("Data monitoring committee"), module["oversightHasDmc"]),
        (_("FDA-regulated drug"), module["isFdaRegulatedDrug"]),
        (_("FDA-regulated device"), module["isFdaRegulatedDevice"]),
    )
    rows = [
        row(key, node.yes_no(), lambda yes: _("Yes") if yes else _("No"))
        for key, node in asked
        if node.yes_no().value is not None
    ]
    if sharing["ipdSharing"].code().value:
        rows.append(
            code_row(_("Data sharing planned"), "data_sharing", sharing["ipdSharing"].code())
        )
    for key, name in (
        (_("Data sharing"), "description"), (_("From when"), "timeFrame"),
        (_("For whom"), "accessCriteria"), (_("Where"), "url"),
    ):  # fmt: skip
        if sharing[name].text().value:
            rows.append(row(key, sharing[name].text()))
    return rows


def references(record: Record) -> Table:
    """Show the publications that the record cites, with links to PubMed."""
    kinds = {"RESULT": _("Results"), "DERIVED": _("Found by the register"),
             "BACKGROUND": _("Background")}  # fmt: skip
    return Table(
        _("References"),
        [Column(_("Publication")), Column(_("Kind")), Column("PubMed")],
        [
            [
                cell(one.citation),
                Cell(kinds.get((one.type.value or "").upper(), "—")),
                _pubmed(one.pmid.value),
            ]
            for one in record.references
        ],
        empty=unsaid(record.references.given),
        captioned=False,
    )


def _pubmed(number: str | None) -> Cell:
    if number and number.isdigit():
        return Cell(number, href=f"https://pubmed.ncbi.nlm.nih.gov/{number}/", code=True)
    return Cell(number or "—")


def documents(record: Record) -> Sequence[Link]:
    """Link the protocol, analysis plan and consent form that the register keeps."""
    return [Link(text, href) for text, href in _documents(record)]


def _documents(record: Record) -> Iterator[tuple[str, str]]:
    large = record.tree.get("documentSection")
    node = large.get("largeDocumentModule") if isinstance(large, dict) else None
    listed_there = node.get("largeDocs") if isinstance(node, dict) else None
    for raw in listed_there if isinstance(listed_there, list) else ():
        place = Node(raw, record.copy)
        name, label = place["filename"].text().value, place["label"].text().value
        if name and record.number.startswith("NCT"):
            # The register keeps the files of a trial in a folder by its last two digits.
            address = _DOCUMENTS.format(record.number[-2:], record.number, name)
            date = place["date"].text().value
            yield f"{label or name} ({date})" if date else label or name, address


def terms_in_plain_words(record: Record) -> Sequence[Row]:
    """Say what the terms of this trial's design mean, to someone who asks to take part."""
    rows = []
    if meaning := _masking_words().get(record.design.masking.value or ""):
        rows.append(Row(code_words("masking", record.design.masking.value or ""), meaning))
    if record.design.allocation.value == "RANDOMIZED":
        chance = _("Chance decides who gets which treatment, as by drawing lots; neither the "
                   "doctor nor the participant chooses.")  # fmt: skip
        rows.append(Row(_("Randomised"), chance))
    if any(arm.type.value == "PLACEBO_COMPARATOR" for arm in record.arms):
        nothing = _("Some participants get something that looks like the treatment and has no "
                    "active substance in it.")  # fmt: skip
        rows.append(Row(_("Placebo"), nothing))
    for phase in record.phases:
        if meaning := _phase_words().get(phase.value or ""):
            rows.append(Row(code_words("phase", phase.value or ""), meaning))
    return rows


def _masking_words() -> dict[str, str]:
    hidden = _("{count} of those concerned (participants, those who treat, those who judge the "
               "outcome) don't know who gets which treatment.")  # fmt: skip
    return {
        "NONE": _("Everybody knows who gets which treatment."),
        "SINGLE": _("One party, mostly the participants, doesn't know who gets which treatment."),
        "DOUBLE": hidden.format(count=_("Two")),
        "TRIPLE": hidden.format(count=_("Three")),
        "QUADRUPLE": _("Neither participants nor those who treat, lead or judge know who gets "
                       "which treatment."),
    }  # fmt: skip


def _phase_words() -> dict[str, str]:
    return {
        "EARLY_PHASE1": _("A first try in very few people, mostly with very small doses."),
        "PHASE1": _("A first test in few people: is it safe, and how much of it can be given?"),
        "PHASE2": _("A test in more people: does it seem to work, and is it still safe?"),
        "PHASE3": _("A comparison in many people with the usual treatment or a placebo."),
        "PHASE4": _("A study of a treatment that is already approved."),
    }
