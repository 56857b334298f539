"""The data dictionary of a cut's files, made from the protocol: every column, in both languages."""

from collections.abc import Iterable, Sequence

from trialwright.analysis.cut import Cut
from trialwright.exchange.form_tables import ENTRY_COLUMNS, FORM_PREFIX, MISSING_SUFFIX, item_column
from trialwright.exchange.text_tables import COLUMNS, TextTable
from trialwright.messages import Message, languages
from trialwright.protocol.basics import Fact
from trialwright.protocol.forms import Form, Item
from trialwright.protocol.model import Protocol

HEADS = (
    "file",
    "column",
    "label_en",
    "label_zh",
    "type",
    "unit",
    "minimum",
    "maximum",
    "likely_minimum",
    "likely_maximum",
    "code_list",
    "computed_as",
    "shown_when",
    "missing_reasons",
    "unmasking",
    "origin",
    "source",
)

# The columns that every study has; the protocol says what all others mean.
FIXED = {
    "participant": Message("Participant’s code"),
    "site": Message("Site’s code"),
    "code": Message("Site’s code"),
    "name": Message("Site’s name"),
    "name_zh": Message("Site’s name in Chinese"),
    "screening_number": Message("Number in the screening log"),
    "state": Message("State at the cut"),
    "exclusion_kind": Message("Why not randomised: kind"),
    "exclusion_on": Message("Date of the exclusion"),
    "exclusion_criteria": Message("Criteria not met, one space apart"),
    "exclusion_reason": Message("Why not randomised, in words"),
    "treatment_status": Message("Treatment given: full, part or none"),
    "treatment_on": Message("Date of treatment, or of deciding against it"),
    "step": Message.in_context("exchange", "What happened"),
    "at": Message("When it happened"),
    "kind": Message("Kind"),
    "on": Message("Date"),
    "stops": Message("What ends with it, one space apart"),
    "reason": Message("Reason"),
    "visit": Message("Visit’s key in the protocol"),
    "epoch": Message("Epoch’s key in the protocol"),
    "start": Message("Day on which it began"),
    "end": Message("Day on which it ended"),
    "occurrence": Message("Which time the visit came, from 1"),
    "status": Message("Status"),
    "target": Message("Target date"),
    "opens": Message("First day of the window"),
    "closes": Message("Last day of the window"),
    "actual": Message("Date it took place"),
    "number": Message("Query’s number"),
    "form": Message("Form’s key in the protocol"),
    "repeat": Message("Number of the record on a repeating form"),
    "item": Message("Item’s key in the protocol"),
    "opened_on": Message("Date opened"),
    "closed_on": Message("Date closed"),
    "text": Message.in_context("exchange", "Text"),
    "description": Message("What happened"),
    "subject": Message("What it is about: a key of the protocol"),
    "cause": Message("The items whose change brought it about"),
    "classification": Message("How serious it is"),
    "done": Message("What was done about it"),
    "significant": Message("Whether the investigator judged it clinically significant"),
    "comment": Message("What is done about it"),
    "judged_on": Message("Day on which it was judged"),
    "given_at": Message("When consent was given"),
    "version": Message("Version of the consent document"),
    "language": Message("Language of the consent document"),
    "explained_by": Message("Who explained it"),
    "linked_to": Message("Code of the participant they are linked to"),
    "arm_of": Message("Code of the participant whose arm they share"),
    "group": Message("Group that the participant is in"),
    "given_by": Message("Who consented: the participant, a representative; or waived"),
    "assent": Message("Assent to a representative’s consent: yes or no"),
    "historic": Message("Whether it took place before the protocol was signed: yes or no"),
    "part": Message("Part of the consent: its key in the protocol"),
    "agreed": Message("Whether the participant agreed to it: yes or no"),
    "withdrawn_on": Message("Date the agreement was withdrawn"),
    "term": Message("Term of the event, in CTCAE where it has a version"),
    "system": Message("System organ class"),
    "ctcae": Message("Version of CTCAE"),
    "started": Message("Day it began, as far as it is known"),
    "ended": Message("Day it ended, as far as it is known"),
    "known_on": Message("Day the site learned of it"),
    "outcome": Message("What became of it"),
    "grades": Message("Its grades, one space apart, each with the day from which it held"),
    "criteria": Message("Criteria of seriousness that are met, one space apart"),
    "special": Message("Special situation"),
    "related": Message("Whether it counts as related to the treatment: yes or no"),
    "assessed": Message("Whether the investigator has said so: yes or no"),
    "stopping": Message("Stopping questions answered with yes, one space apart"),
    "described": Message("What was observed"),
    "nullified": Message("Why it is no event after all"),
    "onset_to_consent": Message(
        "How its onset stands to the consent: before, may_be_before, since, or no_day without one"
    ),
    "onset_to_treatment": Message(
        "How its onset stands to the first dose: before, may_be_before, since, or no_day without "
        "one"
    ),
    "child": Message("Code of the participant’s child whose event it is"),
    "expected_on": Message("Day on which the birth was expected"),
    "pregnancy_outcome": Message("How the pregnancy ended"),
    "weeks": Message("Completed weeks at the end of the pregnancy"),
    "children": Message("How many children are recorded"),
    "planned": Message("How much was to be given then"),
    "amount": Message("How much was given"),
    "unit": Message("Unit of the amounts"),
    "kit": Message("Number of the kit"),
    "strength": Message("Strength’s key in the protocol"),
    "expires_on": Message("Last day on which it can be used"),
    "dispensed_on": Message("Day it was handed out"),
    "returned_on": Message("Day it came back"),
    "unused": Message("How much of it came back"),
    "pauses": Message("What is paused: one arm, or all"),
    "set_on": Message("Day it was set"),
    "ended_on": Message("Day a signed decision ended it"),
    "goes_on": Message("Whether the trial went on after it: yes or no"),
    "held_on": Message("Day on which it was held"),
    "read": Message("Name of the data cut that was read"),
    "present": Message("How many members took part"),
    "quorum": Message("How many the protocol asks for"),
    "advice": Message("Whether the trial should go on, pause or stop"),
    "minutes": Message("Minutes of the open session"),
    "signed_on": Message("Day from which enough members had signed"),
    "attachment": Message("Number of the attachment"),
    "file_kind": Message("What the file is, by its content"),
    "size_bytes": Message("Size of the file in bytes"),
    "sha256": Message("Hash of the file (SHA-256)"),
    "about": Message("What the file shows"),
    "attached_on": Message("Day on which it was attached"),
    "due_at": Message("When it could first be written"),
    "entry_status": Message("How the entry came: on_time, late, missed, or open at the cut"),
    "written_at": Message("When it was written, by the participant’s own clock"),
    "received_at": Message("When it came in"),
    "signed": Message("Whether the form is signed: yes or no"),
    "protocol_version": Message("Protocol version it was entered under"),
}


def dictionary_table(protocol: Protocol, tables: Iterable[str]) -> TextTable:
    """One row for each column of each of these tables."""
    rows: list[tuple[str, ...]] = []
    forms = {FORM_PREFIX + form.key: form for form in protocol.forms}
    for name in tables:
        fixed = ENTRY_COLUMNS if name.startswith(FORM_PREFIX) else COLUMNS[name]
        rows += [_fixed_row(name, column) for column in fixed]
        if name in forms:
            rows += _form_rows(protocol, name, forms[name])
    return TextTable("dictionary", HEADS, rows)


def code_table(protocol: Protocol) -> TextTable:
    """The choices of every code list, and the arms are not among them."""
    rows = [
        (codes.key, c.code, c.label.en, c.label.zh, "" if c.points is None else str(c.points))
        for codes in protocol.code_lists
        for c in codes
    ]
    return TextTable("codes", ("code_list", "code", "label_en", "label_zh", "points"), rows)


def readme(cut: Cut, protocol: Protocol) -> bytes:
    """What the folder holds, in a few lines of every language; first whether it is invented."""
    mark = Message("DEMONSTRATION: every person and value here is invented.")
    if of := protocol.training_of:
        mark = Message("TRAINING COPY of {study}: every person and value is invented.", study=of)
    lines = [
        Message("Data cut “{name}” of {study}.", name=cut.name, study=cut.study),
        Message("*.csv hold the exact text as recorded; *.parquet the same with types."),
        Message("dictionary.csv explains every column, codes.csv every code."),
        Message("manifest.json holds the SHA-256 of every file and the ledger heads of the cut."),
    ]
    parts = [[mark.in_language(code) for code in languages()]] if cut.demonstration else []
    parts += [[line.in_language(code) for line in lines] for code in languages()]
    return "\n".join("".join(line + "\n" for line in part) for part in parts).encode()


def _fixed_row(name: str, column: str) -> tuple[str, ...]:
    label = FIXED[column]
    return _told(name, column, label)


def _form_rows(protocol: Protocol, name: str, form: Form) -> Iterable[tuple[str, ...]]:
    origins = _origins(protocol.facts, form)
    for item in form.items:
        column = item_column(item.key)
        yield _item_row(name, column, form, item, origins.get(item.key, ("", "")))
        why = Message("Why missing: {label}", label=item.label)
        yield _told(name, column + MISSING_SUFFIX, why)


def _told(name: str, column: str, label: Message) -> tuple[str, ...]:
    rest = [""] * (len(HEADS) - 4)
    return (name, column, label.in_language("en"), label.in_language("zh"), *rest)


def _item_row(
    name: str, column: str, form: Form, item: Item, origin: Sequence[str]
) -> tuple[str, ...]:
    limits = (item.minimum, item.maximum, item.likely_minimum, item.likely_maximum)
    return (
        name,
        column,
        item.label.en,
        item.label.zh,
        item.type.value,
        item.unit or "",
        *("" if limit is None else str(limit) for limit in limits),
        item.code_list.key if item.code_list else "",
        item.expression.text if item.expression else "",
        item.show_when.text if item.show_when else "",
        " ".join(item.missing_reasons),
        "yes" if item.unmasking or form.unmasking else "no",
        *origin,
    )


def _origins(facts: Iterable[Fact], form: Form) -> dict[str, tuple[str, str]]:
    """The origin of each item of a form: that of the first fact stated about it."""
    found: dict[str, tuple[str, str]] = {}
    for fact in facts:
        parts = fact.path.split(".")
        if parts[:2] == ["forms", form.key] and "items" in parts[:-1]:
            key = parts[parts.index("items") + 1]
            found.setdefault(key, (fact.origin.value, fact.source))
    return found
