"""Typing every expression of a protocol in its own scope, once all items and visits are known."""

from dataclasses import dataclass, replace

from trialwright.protocol.expression import Expression, ExpressionError
from trialwright.protocol.forms import Check, Form, Item
from trialwright.protocol.model import (
    Allocation,
    Criterion,
    Endpoint,
    Level,
    Population,
    Product,
)
from trialwright.protocol.provenance import Reading
from trialwright.protocol.scopes import ItemScope, TrialScope, kind_of
from trialwright.protocol.terms import Kind, Sort
from trialwright.protocol.typecheck import Scope
from trialwright.protocol.visits import Visit

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

    def criterion(self, criterion: Criterion) -> Criterion:
        """The criterion with its check typed, over what is known before the allocation."""
        check = self._optional(criterion.check, TrialScope(self.forms, self.visits), _YES_NO)
        self._before_allocation(check, f"The criterion `{criterion.key}`")
        return replace(criterion, check=check)

    def allocation(self, allocation: Allocation) -> Allocation:
        """The allocation with its levels typed, over what is known before it."""
        factors = tuple(
            replace(factor, levels=tuple(self._level(level) for level in factor.levels))
            for factor in allocation.factors
        )
        return replace(allocation, factors=factors)

    def population(self, population: Population) -> Population:
        """The population with its rule typed."""
        scope = TrialScope(self.forms, self.visits, sealed=True, participant=True)
        return replace(population, who=self._typed(population.who, scope, _YES_NO))

    def endpoint(self, endpoint: Endpoint) -> Endpoint:
        """The endpoint with its variable typed."""
        scope = TrialScope(self.forms, self.visits, sealed=True, participant=True)
        return replace(endpoint, variable=self._typed(endpoint.variable, scope, None))

    def product(self, product: Product) -> Product:
        """The product with its release rules typed."""
        scope = ItemScope(tuple(test.item for test in product.release))
        release = tuple(
            replace(test, requires=self._typed(test.requires, scope, _YES_NO))
            for test in product.release
        )
        return replace(product, release=release)

    def _item(self, form: Form, item: Item) -> Item:
        scope = TrialScope(self.forms, self.visits, here=form, sealed=item.unmasking)
        return replace(
            item,
            show_when=self._optional(item.show_when, scope, _YES_NO),
            expression=self._optional(item.expression, scope, kind_of(item)),
        )

    def _check(self, form: Form, check: Check) -> Check:
        shown_at = [item for item in form.items if item.key in check.items]
        sealed = form.unmasking or (bool(shown_at) and all(item.unmasking for item in shown_at))
        scope = TrialScope(self.forms, self.visits, here=form, sealed=sealed)
        return replace(check, when=self._typed(check.when, scope, _YES_NO))

    def _level(self, level: Level) -> Level:
        when = self._typed(level.when, TrialScope(self.forms, self.visits), _YES_NO)
        self._before_allocation(when, f"The level `{level.key}`")
        return replace(level, when=when)

    def _before_allocation(self, expression: Expression | None, who: str) -> None:
        screening = {visit.key for visit in self.visits if visit.screening}
        for name in expression.references if expression and expression.kind else ():
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
