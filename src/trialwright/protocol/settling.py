"""Typing every expression of a protocol in its own scope, once all items and visits are known."""

from dataclasses import dataclass, replace

from trialwright.protocol.allocations import Allocation, Level
from trialwright.protocol.analysis_plan import AnalysisPlan
from trialwright.protocol.cohorts import Cohorts
from trialwright.protocol.expression import Expression, ExpressionError
from trialwright.protocol.forms import Check, Form, Item
from trialwright.protocol.groups import Group
from trialwright.protocol.model import Criterion, Endpoint, Population
from trialwright.protocol.products import Product, ReleaseTest
from trialwright.protocol.provenance import Reading
from trialwright.protocol.scopes import (
    AnalysisScope,
    DoseScope,
    FormScope,
    ItemScope,
    LotScope,
    RecordScope,
    TrialScope,
    kind_of,
)
from trialwright.protocol.steps import DoseRow, Step
from trialwright.protocol.terms import Kind, Sort
from trialwright.protocol.typecheck import Scope
from trialwright.protocol.visits import Anchor, Visit

_YES_NO = Kind(Sort.YES_NO)


@dataclass(frozen=True, slots=True)
class Settler:
    """Types expressions over the forms and visits of one file, noting the problems."""

    reading: Reading
    forms: tuple[Form, ...]
    visits: tuple[Visit, ...]

    def form(self, form: Form) -> Form:
        """The form with its items' and checks' expressions typed."""
        sections = tuple(
            replace(section, items=tuple(self._item(form, item) for item in section.items))
            for section in form.sections
        )
        checks = tuple(self._check(form, check) for check in form.checks)
        return replace(form, sections=sections, checks=checks)

    def visit(self, visit: Visit) -> Visit:
        """The visit with its `only_if` typed."""
        scope = TrialScope(self.forms, self.visits)
        return replace(visit, only_if=self._optional(visit.only_if, scope, _YES_NO))

    def anchor(self, anchor: Anchor) -> Anchor:
        """The anchor with its condition typed, over the visit of its item."""
        form = next(
            (each for each in self.forms if anchor.item and each.key == anchor.item.form), None
        )
        if form is None:
            return anchor
        scope = TrialScope(self.forms, self.visits, here=form)
        return replace(anchor, when=self._optional(anchor.when, scope, _YES_NO))

    def criterion(self, criterion: Criterion) -> Criterion:
        """The criterion with its check typed, over what is known before the allocation."""
        check = self._optional(criterion.check, RecordScope(self.forms, self.visits), _YES_NO)
        self._before_allocation(check, f"The criterion `{criterion.key}`")
        return replace(criterion, check=check)

    def allocation(self, allocation: Allocation) -> Allocation:
        """The allocation with its levels typed, over what is known before it."""
        later = allocation.at is not None
        factors = tuple(
            replace(
                factor, levels=tuple(self._level(level, later=later) for level in factor.levels)
            )
            for factor in allocation.factors
        )
        rules = tuple(
            replace(rule, when=self._rule(rule.arm, rule.when)) for rule in allocation.rules
        )
        when = self._optional(allocation.when, TrialScope(self.forms, self.visits), _YES_NO)
        return replace(allocation, factors=factors, rules=rules, when=when)

    def step(self, step: Step, *, agents: int) -> Step:
        """The step with what its planned dose follows from typed."""
        if step.planned is None or not step.planned.rows:
            return step
        at = tuple(visit for visit in self.visits if visit.key in step.at)
        scope = DoseScope(TrialScope(self.forms, self.visits), at, agents)
        rows = tuple(
            DoseRow(
                self._typed(row.amount, scope, Kind(Sort.NUMBER)),
                self._optional(row.when, scope, _YES_NO),
            )
            for row in step.planned.rows
        )
        return replace(step, planned=replace(step.planned, rows=rows))

    def cohorts(self, cohorts: Cohorts) -> Cohorts:
        """The cohorts with what makes an outcome typed."""
        scope = TrialScope(self.forms, self.visits, sealed=True)
        return replace(
            cohorts,
            event=self._typed(cohorts.event, scope, _YES_NO),
            evaluable=self._optional(cohorts.evaluable, scope, _YES_NO),
            response=self._optional(cohorts.response, scope, _YES_NO),
            sizes=tuple(
                replace(each, until=self._optional(each.until, scope, _YES_NO))
                for each in cohorts.sizes
            ),
        )

    def group(self, group: Group) -> Group:
        """The group with who belongs typed, over what is known before the enrolment."""
        when = self._optional(group.when, RecordScope(self.forms, self.visits), _YES_NO)
        self._before_allocation(when, f"The group `{group.key}`")
        cohorts = self.cohorts(group.cohorts) if group.cohorts else None
        return replace(group, when=when, cohorts=cohorts)

    def population(self, population: Population) -> Population:
        """The population with its rule typed."""
        scope = AnalysisScope(self.forms, self.visits, sealed=True, participant=True)
        return replace(population, who=self._typed(population.who, scope, _YES_NO))

    def endpoint(self, endpoint: Endpoint) -> Endpoint:
        """The endpoint with its variable and the expressions of its analysis typed."""
        scope = AnalysisScope(self.forms, self.visits, sealed=True, participant=True)
        plan = endpoint.analysis
        if plan is not None:
            plan = self._analysis(plan, scope)
        variable = self._typed(endpoint.variable, scope, None)
        return replace(endpoint, variable=variable, analysis=plan)

    def _analysis(self, plan: AnalysisPlan, scope: Scope) -> AnalysisPlan:
        number, event = Kind(Sort.NUMBER), plan.event
        if event is not None:
            event = replace(event, on=self._typed(event.on, scope, Kind(Sort.DATE)))
        return replace(
            plan,
            covariates=tuple(self._typed(each, scope, number) for each in plan.covariates),
            outcomes=tuple(self._typed(each, scope, number) for each in plan.outcomes),
            exposure=self._optional(plan.exposure, scope, number),
            event=event,
        )

    def product(self, product: Product) -> Product:
        """The product with its release rules, and whom a lot suits, typed."""
        trial = TrialScope(self.forms, self.visits)
        tests = ItemScope(tuple(test.item for test in product.release))
        return replace(
            product,
            release=self._tests(product.release),
            donor_tests=self._tests(product.donor_tests),
            suits=self._optional(product.suits, LotScope(tests, trial), _YES_NO),
            body_weight=self._optional(product.body_weight, trial, Kind(Sort.NUMBER)),
        )

    def _tests(self, tests: tuple[ReleaseTest, ...]) -> tuple[ReleaseTest, ...]:
        scope = ItemScope(tuple(test.item for test in tests))
        return tuple(
            replace(test, requires=self._typed(test.requires, scope, _YES_NO)) for test in tests
        )

    def _item(self, form: Form, item: Item) -> Item:
        scope = FormScope(self.forms, self.visits, here=form, sealed=item.unmasking)
        settled = replace(
            item,
            show_when=self._optional(item.show_when, scope, _YES_NO),
            expression=self._optional(item.expression, scope, kind_of(item)),
        )
        return self._stored(item, settled)

    def _stored(self, item: Item, settled: Item) -> Item:
        """A computed item can't hold a time that is only known to be longer."""
        expression = settled.expression
        if expression is not None and expression.may_be_censored:
            self.reading.problem(
                expression.line,
                f"The item `{item.key}` would hold a time that may be censored",
                "Compare it, as in `time_to(…) > 30`, or use it in an endpoint.",
                "expression",
            )
        return settled

    def _check(self, form: Form, check: Check) -> Check:
        shown_at = [item for item in form.items if item.key in check.items]
        sealed = form.unmasking or (bool(shown_at) and all(item.unmasking for item in shown_at))
        scope = FormScope(self.forms, self.visits, here=form, sealed=sealed)
        return replace(check, when=self._typed(check.when, scope, _YES_NO))

    def _level(self, level: Level, *, later: bool) -> Level:
        when = self._typed(level.when, RecordScope(self.forms, self.visits), _YES_NO)
        if not later:
            self._before_allocation(when, f"The level `{level.key}`")
        return replace(level, when=when)

    def _rule(self, arm: str, when: Expression) -> Expression:
        """Who gets an arm by the rule; what could reveal it may decide it too."""
        typed = self._typed(when, TrialScope(self.forms, self.visits, sealed=True), _YES_NO)
        self._before_allocation(typed, f"The rule of the arm `{arm}`")
        return typed

    def _before_allocation(self, expression: Expression | None, who: str) -> None:
        screening = {visit.key for visit in self.visits if visit.screening}
        for name in expression.names if expression and expression.kind else ():
            visit = name.split(".")[0]
            if expression and name.count(".") == 2 and visit not in screening:
                self.reading.problem(
                    expression.line,
                    f"{who} needs `{name}`, which isn't known before the allocation",
                    "Use items of screening visits.",
                    "after-allocation",
                )

    def _optional(
        self, expression: Expression | None, scope: Scope, wanted: Kind | None
    ) -> Expression | None:
        return self._typed(expression, scope, wanted) if expression else None

    def _typed(self, expression: Expression, scope: Scope, wanted: Kind | None) -> Expression:
        try:
            return expression.typed(scope, wanted)
        except ExpressionError as error:
            message = f"{error.message}, at column {error.column} of `{_short(expression.text)}`"
            self.reading.problem(expression.line, message, error.way_out, "expression")
            return expression


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= 60 else f"{line[:57]}..."
