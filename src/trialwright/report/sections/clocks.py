"""Reports that were due: in time, late, or of holds; in the report by arm alone."""

from trialwright.analysis.cut_clocks import ReportClock
from trialwright.report.context import ReportContext
from trialwright.report.document import Column, Row, Section, Table
from trialwright.safety.clock_rules import clock_rules

Clocks = tuple[ReportClock, ...]
_SENT = ("sent", "incomplete")


def clocks_section(told: ReportContext, clocks: Clocks) -> Section:
    """Counts by rule, then the late ones and those of holds one by one."""
    labels = {
        rule.key: told.text(rule.label) + (f" ({rule.region})" if rule.region else "")
        for rule in clock_rules(told.protocol).rules
    }
    late = tuple(each for each in clocks if each.late)
    of_holds = tuple(each for each in clocks if each.hold is not None)
    return Section(
        told.words("section_clocks"),
        (
            _counts(told, clocks, labels),
            _listed(told, late, labels, "clocks_late"),
            _listed(told, of_holds, labels, "clocks_holds"),
        ),
    )


def _counts(told: ReportContext, clocks: Clocks, labels: dict[str, str]) -> Table:
    words = told.words
    heads = ("all", "in_time", "sent_late", "running", "overdue", "none_due")
    rules = [*labels, *sorted({each.rule for each in clocks} - labels.keys())]
    rows = []
    for rule in rules:
        own = [each for each in clocks if each.rule == rule]
        if own:
            counts = (
                len(own),
                sum(each.how in _SENT and not each.late for each in own),
                sum(each.how in _SENT and each.late for each in own),
                sum(not each.how for each in own),
                sum(not each.how and each.late for each in own),
                sum(each.how == "not_due" for each in own),
            )
            rows.append(Row((labels.get(rule, rule), *map(str, counts))))
    return Table(
        words("table_clocks"),
        (
            Column(words("clock_rule"), share=2.0),
            *(Column(words(f"clock_{head}"), "right") for head in heads),
        ),
        tuple(rows),
        (words("clocks_note"),),
        words("no_clocks"),
    )


def _listed(told: ReportContext, clocks: Clocks, labels: dict[str, str], name: str) -> Table:
    words = told.words
    heads = ("number", "rule", "of", "started", "due", "ended")
    return Table(
        words(f"table_{name}"),
        tuple(Column(words(f"clock_{head}"), share=_SHARES.get(head)) for head in heads),
        tuple(
            Row(
                (
                    str(each.number),
                    labels.get(each.rule, each.rule),
                    _of(told, each),
                    _moment(each.started_at),
                    _moment(each.due_at),
                    _ended(told, each),
                )
            )
            for each in clocks
        ),
        empty=words(f"no_{name}"),
    )


_SHARES = {"rule": 2.0, "of": 1.0}


def _of(told: ReportContext, each: ReportClock) -> str:
    if each.hold is not None:
        return told.words("clock_of_hold", hold=each.hold)
    return told.words("clock_of_event", participant=each.participant, event=each.event or 0)


def _ended(told: ReportContext, each: ReportClock) -> str:
    if each.how == "not_due":
        return told.words("clock_not_due")
    return _moment(each.ended_at) if each.ended_at else told.words("clock_runs")


def _moment(text: str) -> str:
    return text.replace("T", " ")
