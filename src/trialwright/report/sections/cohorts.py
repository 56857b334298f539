"""Dose cohorts: who was treated at which level, events, decisions, and the dose chosen.

Told to those alone who may know arms: the level of a cohort is the arm of everybody in it.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from trialwright.analysis.cut import SealedPart
from trialwright.analysis.cut_cohorts import CohortDecision, CohortMember
from trialwright.analysis.summaries import share
from trialwright.design.cohorts import (
    COUNTED,
    CohortRule,
    Outcome,
    RuleReading,
    Standing,
    finds_optimal_dose,
    read_rule,
    tie_draw_of,
)
from trialwright.design.section import cohort_rule_of
from trialwright.protocol.cohorts import Cohorts, second_doses
from trialwright.protocol.groups import escalations
from trialwright.report.context import ReportContext, count_interval
from trialwright.report.document import Block, Bullets, Column, Paragraph, Row, Section, Table

CONTROL = 0
"""The control, where a dose level has its number from 1."""
_ASSESSED = (Standing.EVENT, Standing.DONE)


@dataclass(frozen=True, slots=True)
class _Escalation:
    """The cohorts of the whole trial or of a group, with all of theirs that the cut holds."""

    told: ReportContext
    cohorts: Cohorts
    members: tuple[CohortMember, ...]
    decisions: tuple[CohortDecision, ...]
    on_control: frozenset[str] = frozenset()

    @property
    def rule(self) -> CohortRule | None:
        return cohort_rule_of(self.told.protocol, self.cohorts)

    @property
    def backfills(self) -> bool:
        return any(each.backfilled for each in self.members)

    def at(self, level: int, *standings: Standing) -> list[CohortMember]:
        """Those at a dose level, of these standings if any are given; `CONTROL` is those of all
        cohorts who got the control."""
        named = {each.value for each in standings or Standing}
        own = [each for each in self.members if self._place(each) == level]
        return [each for each in own if each.standing in named]

    def _place(self, member: CohortMember) -> int:
        return CONTROL if member.participant in self.on_control else member.level

    @property
    def levels(self) -> tuple[int, ...]:
        """The dose levels, and the control where cohorts are randomised."""
        doses = range(1, len(self.cohorts.levels) + 1)
        return (*doses, CONTROL) if self.cohorts.control else tuple(doses)

    def level(self, number: int) -> str:
        """A dose level with its dose, or the control."""
        if number == CONTROL and self.cohorts.control is not None:
            return self.told.text(self.told.protocol.arm(self.cohorts.control.arm).label)
        dose = self.cohorts.levels[number - 1].amount
        return self.told.words("cohort_level_dose", number=number, dose=dose)

    def caption(self, key: str) -> str:
        """A caption, of the group that is meant where one escalates by itself."""
        caption = self.told.words(key)
        if not self.cohorts.group:
            return caption
        label = self.told.text(self.told.protocol.group(self.cohorts.group).label)
        return self.told.words("cohort_of_group", caption=caption, group=label)


def cohorts_section(told: ReportContext, sealed: SealedPart) -> Section:
    """The flow by dose level, events by dose, decisions beside the rule, and the dose chosen."""
    blocks: list[Block] = []
    for cohorts in escalations(told.protocol):
        found = _Escalation(
            told,
            cohorts,
            tuple(each for each in sealed.cohort_members if each.group == cohorts.group),
            tuple(each for each in sealed.cohort_decisions if each.group == cohorts.group),
            on_control(cohorts, sealed),
        )
        blocks += [_flow(found), _events(found), *_combinations(found)]
        blocks += [_decisions(found), *_chosen(found)]
    return Section(told.words("section_cohorts"), tuple(blocks))


def on_control(cohorts: Cohorts, sealed: SealedPart) -> frozenset[str]:
    """Who got the control of these cohorts, by their codes; all who got that arm count."""
    arm = cohorts.control.arm if cohorts.control else None
    return frozenset(each.participant for each in sealed.assignments if arm in each.path)


def _flow(found: _Escalation) -> Table:
    """How many of each level stand how."""
    words = found.told.words
    heads = ["level", "allocated", *(["backfilled"] if found.backfills else [])]
    heads += [f"standing_{each.value}" for each in Standing]
    rows = []
    for number in found.levels:
        here = found.at(number)
        counts = [len(here)]
        if found.backfills:
            counts.append(sum(each.backfilled for each in here))
        counts += [len(found.at(number, each)) for each in Standing]
        rows.append(Row((found.level(number), *map(str, counts))))
    return Table(
        found.caption("table_cohort_flow"), _columns(found, heads), tuple(rows),
        (words("cohort_flow_note", days=found.cohorts.window_days),),
    )  # fmt: skip


def _events(found: _Escalation) -> Table:
    """Dose-limiting events of those who were followed, and responses where the rule reads them."""
    words, responds = found.told.words, found.cohorts.response is not None
    heads = ["level", "evaluable", "dlts", *(["responses"] if responds else [])]
    rows = []
    for number in found.levels:
        known = found.at(number, *_ASSESSED)
        dlts = share(len(found.at(number, Standing.EVENT)), len(known))
        cells = [found.level(number), str(len(known)), count_interval(dlts, words)]
        if responds:
            treated = found.at(number, *COUNTED)
            answers = [e.response for e in treated if e.response in [x.value for x in _ASSESSED]]
            responded = answers.count(Standing.EVENT.value)
            cells.append(count_interval(share(responded, len(answers)), words))
        rows.append(Row(tuple(cells)))
    return Table(
        found.caption("table_cohort_events"), _columns(found, heads), tuple(rows),
        (words("cohort_events_note"),),
    )  # fmt: skip


def _combinations(found: _Escalation) -> Iterator[Table]:
    """Of two agents, the DLT rate of each combination as the rule selects by it: a row for each
    dose of the first, a column for each of the second."""
    words, levels, rule = found.told.words, found.cohorts.levels, found.rule
    across = second_doses(levels)
    if not across or rule is None:
        return
    reading = _reading(found, rule)

    def cell(number: int) -> str:
        known = len(found.at(number, *_ASSESSED))
        if not known:
            return words("combination_out") if number in reading.eliminated else "–"
        parts = {
            "events": len(found.at(number, Standing.EVENT)),
            "known": known,
            "rate": f"{reading.estimates[number - 1]:.3f}",
        }
        out = number in reading.eliminated
        return words("combination_rate_out" if out else "combination_rate", **parts)

    rows = tuple(
        Row((levels[first].first_amount, *(cell(first + j) for j in range(1, across + 1))))
        for first in range(0, len(levels), across)
    )
    heads = [words("combination_doses"), *(each.second_amount for each in levels[:across])]
    yield Table(
        found.caption("table_combinations"), tuple(map(Column, heads)), rows,
        (words("combinations_note"),),
    )  # fmt: skip


def _decisions(found: _Escalation) -> Table:
    heads = ("decision", "decided_on", "decided", "recommended", "agreement", "reason", "role")
    rows = tuple(_decision(found, each) for each in found.decisions)
    empty = found.told.words("no_cohort_decisions")
    caption = found.caption("table_cohort_decisions")
    return Table(caption, _columns(found, heads), rows, empty=empty)


def _decision(found: _Escalation, each: CohortDecision) -> Row:
    words = found.told.words
    if each.verdict == "open" and each.level is not None:
        decided = words("cohort_opened", level=found.level(each.level), size=each.size)
        if found.cohorts.control is not None:
            decided = words(
                "cohort_opened_randomised",
                level=found.level(each.level),
                size=each.size,
                control=found.cohorts.controls,
            )
    elif each.level is None:
        decided = words("cohort_ended_without")
    else:
        decided = words("cohort_ended", level=found.level(each.level))
    agreement = "cohort_alone" if not each.said else "cohort_followed" if each.as_said else ""
    return Row(
        (
            str(each.number),
            each.decided_on,
            decided,
            _recommended(found, each),
            words(agreement or "cohort_overrides"),
            each.reason or "–",
            found.told.protocol.roles.label(each.role, found.told.language),
        )
    )


def _recommended(found: _Escalation, each: CohortDecision) -> str:
    words = found.told.words
    if not each.said:
        return "–"
    if each.said_level is None:
        return words(f"cohort_said_{each.said}")
    said = words(f"cohort_said_{each.said}")
    return words("cohort_said_at", said=said, level=found.level(each.said_level))


def _chosen(found: _Escalation) -> Iterator[Block]:
    """The dose that was chosen, or what the rule says on the data of the cut."""
    words, rule = found.told.words, found.rule
    sought = words("cohort_obd" if rule and finds_optimal_dose(rule) else "cohort_mtd")
    latest = found.decisions[-1] if found.decisions else None
    if latest is not None and latest.verdict == "end":
        if latest.level is None:
            yield Paragraph(words("cohort_none_chosen", sought=sought, on=latest.decided_on))
        else:
            level = found.level(latest.level)
            yield Paragraph(
                words("cohort_chosen", sought=sought, level=level, on=latest.decided_on)
            )
        return
    if rule is None:
        return
    reading = _reading(found, rule)
    said = reading.decision
    language = found.told.language
    reason = said.reason.in_language(language) if said else words("cohort_waits")
    selected = reading.selected
    yield Bullets(
        (
            words("cohort_rule_says", reason=reason),
            words("cohort_would_select", sought=sought, level=found.level(selected))
            if selected is not None
            else words("cohort_would_select_none", sought=sought),
        )
    )


def _reading(found: _Escalation, rule: CohortRule) -> RuleReading:
    """What the rule sees and says of the data of the cut, as it does in the running trial."""
    cohorts = found.cohorts
    outcomes = [
        Outcome(
            cohort=each.cohort,
            level=each.level,
            standing=Standing(each.standing),
            followed=each.followed_days / cohorts.window_days,
            response=Standing(each.response or Standing.DONE),
            response_followed=each.response_days / (cohorts.response_window_days or 1),
            backfilled=each.backfilled,
            control=each.participant in found.on_control,
        )
        for each in found.members
    ]
    return read_rule(rule, outcomes, tie_draw_of(found.told.protocol.identifier, cohorts.group))


_SHARES = {"decided": 1.5, "recommended": 1.5, "reason": 1.5, "agreement": 1.0}


def _columns(found: _Escalation, heads: list[str] | tuple[str, ...]) -> tuple[Column, ...]:
    return tuple(
        Column(found.told.words(f"cohort_{head}"), share=_SHARES.get(head)) for head in heads
    )
