"""Pregnancies and other situations without harm: people and situations, none of them an event.

Children are counted in the column of their mother; a malformation is a case of the child's.
"""

from collections.abc import Sequence

from trialwright.analysis.cut_events import AdverseEvent
from trialwright.report.context import ReportContext
from trialwright.report.document import Column, Row, Section, Table


def situations_section(told: ReportContext) -> Section:
    """What there is of them, pooled or by arm; by arm also the cases of children one by one."""
    standing = [each for each in told.cut.situations if not each.nullified]
    words, rows = told.words, list[Row]()
    for kind in sorted({each.kind for each in standing}):
        own = [each for each in standing if each.kind == kind]
        rows.append(_row(told, words(f"situation_{kind}"), [each.participant for each in own]))
        for outcome in sorted({each.outcome for each in own}) if kind == "pregnancy" else ():
            ended = [each.participant for each in own if each.outcome == outcome]
            rows.append(_row(told, words(f"pregnancy_{outcome or 'goes_on'}"), ended, level=1))
    children = [each.participant for each in standing for _child in range(each.children)]
    own_cases = [each for each in told.cut.events if each.child and not each.nullified]
    if children:
        malformed = {each.child: each.participant for each in own_cases
                     if "congenital" in each.criteria}  # fmt: skip
        died = {each.child: each.participant for each in own_cases if each.outcome == "fatal"}
        rows += [
            _row(told, words("children_born"), children),
            _row(told, words("children_malformed"), list(malformed.values()), level=1),
            _row(told, words("children_died"), list(died.values()), level=1),
        ]
    sizes = tuple(len(group.codes) for group in told.groups)
    columns = told.group_columns(words("situation_head"), sizes)
    table = Table(words("table_situations"), columns, tuple(rows), (words("situations_note"),))
    one_by_one = (_children(told, own_cases),) if told.sealed is not None else ()
    return Section(words("section_situations"), (table, *one_by_one))


def _children(told: ReportContext, cases: Sequence[AdverseEvent]) -> Table:
    words = told.words
    heads = ("child", "participant", "event_term", "event_grade_head", "event_started",
             "event_outcome", "event_criteria", "what")  # fmt: skip
    arms = {code: told.arm(group.arm) for group in told.groups for code in group.codes}
    rows = tuple(
        Row(
            (
                each.child,
                f"{each.participant} ({arms.get(each.participant, '–')})",
                each.term,
                str(each.worst),
                each.started or "–",
                words(f"outcome_{each.outcome}"),
                ", ".join(words(f"criterion_{one}") for one in each.criteria),
                each.described or "–",
            )
        )
        for each in cases
    )
    columns = tuple(Column(words(head)) for head in heads)
    return Table(words("table_children"), columns, rows, empty=words("no_children_cases"))


def _row(told: ReportContext, name: str, of: Sequence[str], level: int = 0) -> Row:
    """One per participant to whom it happened, and how often."""
    cells = []
    for group in told.groups:
        own = [code for code in of if code in group.codes]
        cells.append(told.words("people_events", people=len(set(own)), events=len(own)))
    return Row((name, *cells), level=level)
