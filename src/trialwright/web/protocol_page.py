"""A protocol to read: every section in the order in which a trial is understood, origins marked."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from trialwright.analysis.plan_words import plan_sentence
from trialwright.protocol.basics import Origin, Text
from trialwright.protocol.blinding import is_restricted
from trialwright.protocol.diary_words import diary_said
from trialwright.protocol.expression_words import expression_said, in_words, release_words
from trialwright.protocol.forms import Form
from trialwright.protocol.model import CriterionKind, Endpoint, EndpointKind, Protocol
from trialwright.web.components import Cell, Column, Row, Table
from trialwright.web.components import Origin as Mark
from trialwright.web.protocol_words import (
    Origins,
    completed_by,
    item_kind,
    origin_word,
    roles,
    visit_time,
)
from trialwright.web.sentences import listed


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a section: a sentence, facts or a table, under a heading of its own or none; a
    `folded` one is opened by its heading."""

    heading: str = ""
    text: str = ""
    rows: Sequence[Row] = ()
    table: Table | None = None
    folded: bool = False


@dataclass(frozen=True, slots=True)
class Section:
    """A section; `name` is its place in the address."""

    name: str
    heading: str
    parts: Sequence[Part]


@dataclass(frozen=True)
class Reader:
    """One protocol read in one language; block sizes are not for masked people."""

    protocol: Protocol
    language: str
    masked: bool = True
    origins: Origins = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "origins", Origins.of(self.protocol))

    def sections(self) -> list[Section]:
        """Every section that the protocol has."""
        return [
            Section("trial", _("The trial"), [Part(rows=self._trial())]),
            Section("arms", _("Arms"), [Part(table=self._arms())]),
            Section("products", _("Products"), self._products()),
            Section("blinding", _("Blinding"), [Part(rows=self._blinding())]),
            *self._kits(),
            *self._consent(),
            Section("criteria", _("Who may take part"), self._criteria()),
            Section("allocation", _("Allocation"), self._allocation()),
            *self._groups(),
            Section("visits", _("Visits"), [Part(table=self._visits())]),
            Section("endpoints", _("Endpoints"), self._endpoints()),
            Section("populations", _("Populations"), [Part(rows=self._populations())]),
            Section("safety", _("Safety"), [Part(rows=self._block("safety"))]),
            Section("design", _("Design"), [Part(rows=self._block("design"))]),
            Section("forms", _("Forms"), [self._form(form) for form in self.protocol.forms]),
            Section("sources", _("Sources"), [Part(rows=self._sources())]),
        ]

    def counts(self) -> list[tuple[Mark, int]]:
        """Count the facts of each origin that the file has."""
        counted = Counter(fact.origin for fact in self.protocol.facts)
        return [
            (Mark(origin.value, origin_word(origin)), counted[origin])
            for origin in Origin
            if counted[origin]
        ]

    def _text(self, text: Text | None) -> str:
        return text.in_language(self.language) if text else ""

    def _row(self, key: str, value: object, path: str, *, code: bool = False) -> Row:
        unsaid = _("Not given in the protocol")
        return Row(key, value, unsaid, code=code, mark=self.origins.mark(path))

    def _trial(self) -> list[Row]:
        it = self.protocol
        return [
            self._row(_("Identifier"), it.identifier, "identifier", code=True),
            self._row(_("Version"), it.version, "version"),
            self._row(_("Title"), self._text(it.title), "title"),
            self._row(_("Synopsis"), self._text(it.synopsis), "synopsis"),
            self._row(_("Phase"), it.phase, "phase"),
            self._row(_("Sponsor"), it.sponsor, "sponsor"),
            self._row(_("Registered as"), it.registered_as, "registered_as", code=True),
            self._row(_("Synthetic twin of"), it.twin_of, "twin_of", code=True),
            *(
                [self._row(_("Training copy of"), it.training_of, "training_of", code=True)]
                if it.training_of
                else []
            ),
            self._row(_("Participants"), it.participants, "participants"),
            self._row(_("Number of sites"), it.sites, "sites"),
            self._row(_("Enrolment"), self._enrolment(), "enrolment.last_after_days"),
        ]

    def _enrolment(self) -> str | None:
        planned = self.protocol.enrolment
        if planned is None:
            return None
        return _("from day {first} to day {last} after the signing").format(
            first=planned.first_after_days, last=planned.last_after_days
        )

    def _arms(self) -> Table:
        columns = [Column(_("No."), number=True), Column(_("Arm")), Column(_("What is done"))]
        products = {each.key: self._text(each.label) for each in self.protocol.products}
        rows = [
            [
                Cell(arm.number),
                Cell(self._text(arm.label)),
                Cell(self._text(arm.description)),
                Cell(listed(products[key] for key in arm.products)),
                Cell(self.origins.mark(f"arms.{arm.key}.description")),
            ]
            for arm in self.protocol.arms
        ]
        columns += [Column(_("Products")), Column(_("Origin"))]
        return Table(_("Arms"), columns, rows, captioned=False)

    def _products(self) -> list[Part]:
        parts = []
        for product in self.protocol.products:
            path = f"products.{product.key}"
            hours = f"{product.use_within_hours:f} h" if product.use_within_hours else ""
            rows = [
                self._row(_("What it is"), self._text(product.description), f"{path}.description"),
                self._row(_("Supplier"), product.supplier, f"{path}.supplier"),
                self._row(_("Given within"), hours, f"{path}.use_within_hours"),
            ]
            tests = [
                self._row(
                    self._text(test.item.label),
                    release_words(product, test.requires).in_language(self.language),
                    f"{path}.release.{test.item.key}.requires",
                )
                for test in product.release
            ]
            parts.append(Part(self._text(product.label), rows=[row for row in rows if row.value]))
            if tests:
                parts.append(Part(text=_("A lot is released only if:"), rows=tests))
        return parts

    def _consent(self) -> list[Section]:
        if self.protocol.consent is None:
            return []
        return [Section("consent", _("Consent"), [Part(rows=self._block("consent"))])]

    def _kits(self) -> list[Section]:
        if self.protocol.kits is None:
            return []
        return [Section("kits", _("Kits"), [Part(rows=self._block("kits"))])]

    def _blinding(self) -> list[Row]:
        named = self.protocol.roles
        blinded = roles(self.protocol, named.blinded, self.language)
        unblinded = roles(self.protocol, named.unblinded, self.language)
        return [
            self._row(_("Blinded"), blinded, "blinding.blinded"),
            self._row(_("Not blinded"), unblinded, "blinding.unblinded"),
        ]

    def _criteria(self) -> list[Part]:
        headings = {
            CriterionKind.INCLUSION: _("All of these"),
            CriterionKind.EXCLUSION: _("None of these"),
        }
        columns = [
            Column(_("No."), number=True), Column(_("Criterion")), Column(_("Check")),
            Column(_("Origin")),
        ]  # fmt: skip
        parts = []
        for kind, heading in headings.items():
            chosen = [each for each in self.protocol.criteria if each.kind is kind]
            rows = [
                [
                    Cell(number),
                    Cell(self._text(each.text)),
                    Cell(
                        in_words(each.check, self.protocol).in_language(self.language)
                        if each.check
                        else "",
                        unsaid=_("By judgement"),
                    ),
                    Cell(self.origins.mark(f"criteria.{kind.value}.{each.key}.text")),
                ]
                for number, each in enumerate(chosen, 1)
            ]
            parts.append(Part(table=Table(heading, columns, rows)))
        return parts

    def _visits(self) -> Table:
        forms = {form.key: self._text(form.label) for form in self.protocol.forms}
        columns = [Column(_("Visit")), Column(_("When")), Column(_("Forms")), Column(_("Origin"))]
        rows = [
            [
                Cell(self._text(visit.label)),
                Cell(visit_time(self.protocol, visit, self.language)),
                Cell(listed(forms[key] for key in visit.forms)),
                Cell(self.origins.mark(f"visits.{visit.key}.anchor")),
            ]
            for visit in self.protocol.visits
        ]
        return Table(_("Visits"), columns, rows, captioned=False)

    def _endpoints(self) -> list[Part]:
        ranks = {
            EndpointKind.PRIMARY: _("Primary"),
            EndpointKind.SECONDARY: _("Secondary"),
            EndpointKind.SAFETY: _("Safety"),
            EndpointKind.EXPLORATORY: _("Exploratory"),
        }
        populations = {each.key: self._text(each.label) for each in self.protocol.populations}
        parts = []
        for each in self.protocol.endpoints:
            path = f"endpoints.{each.key}"
            rows = [
                self._row(_("Rank"), ranks[each.kind], f"{path}.kind"),
                self._row(_("Population"), populations[each.population], f"{path}.population"),
                self._row(_("Treatments"), self._text(each.treatments), f"{path}.treatments"),
                self._row(_("Variable"), self._text(each.definition), f"{path}.definition"),
                self._row(_("Summary"), self._text(each.summary), f"{path}.summary"),
                self._row(_("Analysis"), self._planned(each), f"{path}.analysis.method"),
            ]
            parts.append(Part(self._text(each.label), rows=rows))
        return parts

    def _planned(self, endpoint: Endpoint) -> str:
        return plan_sentence(self.protocol, endpoint).in_language(self.language)

    def _populations(self) -> list[Row]:
        return [
            self._row(
                self._text(each.label),
                self._text(each.definition),
                f"populations.{each.key}.definition",
            )
            for each in self.protocol.populations
        ]

    def _groups(self) -> list[Section]:
        if not self.protocol.groups:
            return []
        parts = [
            Part(self._text(each.label), rows=self._block(f"groups.{each.key}"))
            for each in self.protocol.groups
        ]
        return [Section("groups", _("Groups"), parts)]

    def _allocation(self) -> list[Part]:
        several = self.protocol.later_allocations
        if not several:
            return [Part(rows=self._block("allocation") or self._block("allocations"))]
        return [
            Part(self._text(each.label), rows=self._block(f"allocations.{each.key}"))
            for each in self.protocol.allocations
        ]

    def _block(self, name: str) -> list[Row]:
        """Show a section as the file has it: each key with its value."""
        return [
            self._row(
                path.removeprefix(f"{name}.").replace("_", " "), self._written(fact.value), path
            )
            for path, fact in self.origins.facts.items()
            if path.startswith(f"{name}.") and not (self.masked and is_restricted(path))
        ]

    def _written(self, text: Text | None) -> str:
        """A fact of a section: an expression in words, anything else as it stands."""
        stands = self._text(text)
        said = expression_said(stands, self.protocol)
        return said.in_language(self.language) if said else stands

    def _form(self, form: Form) -> Part:
        rows = [Row(self._text(item.label), item_kind(item, self.language)) for item in form.items]
        if form.diary is not None:
            said = [m.in_language(self.language) for m in diary_said(self.protocol, form.diary)]
            rows.insert(0, Row(_("When"), " ".join(said)))
        who = completed_by(self.protocol, form, self.language)
        return Part(self._text(form.label), who, rows, folded=True)

    def _sources(self) -> list[Row]:
        return [Row(source.key, source.citation, lang="en") for source in self.protocol.sources]
