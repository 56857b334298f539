"""Which keys each block of a protocol file has. The file's whole grammar, as one table.

Any block may also have `origin`, `source`, `safety_critical` and `note`; any fact may be written
as a block with `value` and these. `docs/protocol-file.md` documents every key; a test holds it to.
"""

from dataclasses import dataclass

PROVENANCE = ("origin", "source", "safety_critical", "note")
WORDING = frozenset({"label", "hint", "message", "instructions", "points"})
"""Keys that word or number things rather than state facts about the trial."""


@dataclass(frozen=True, slots=True)
class Shape:
    """A kind of block: what messages call it, the keys it must have and those it may have."""

    what: str
    required: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()

    @property
    def keys(self) -> tuple[str, ...]:
        """All keys of its own."""
        return self.required + self.optional


FILE = Shape(
    "the protocol",
    (
        "protocol",
        "identifier",
        "version",
        "date",
        "title",
        "languages",
        "participants",
        "sources",
        "arms",
        "consent",
        "criteria",
        "forms",
        "visits",
        "endpoints",
        "populations",
    ),
    (
        "synopsis",
        "phase",
        "sponsor",
        "demonstration",
        "registered_as",
        "twin_of",
        "training_of",
        "sites",
        "enrolment",
        "kinds",
        "factors",
        "products",
        "kits",
        "roles",
        "steps",
        "before",
        "blinding",
        "masking",
        "allocation",
        "allocations",
        "dose_levels",
        "cohorts",
        "groups",
        "anchors",
        "epochs",
        "cycles",
        "code_lists",
        "laboratory",
        "safety",
        "design",
        "simulation",
        "amendment",
        "multiplicity",
        "baseline",
        "monitoring",
    ),
)
AMENDMENT = Shape("the amendment", ("moves", "why"))
ENROLMENT = Shape("the enrolment", ("first_after_days", "last_after_days"))
KIND = Shape(
    "a kind of participant", ("label",), ("of", "shares_arm", "shares_consent", "participants")
)
PRODUCT = Shape(
    "a product",
    ("label", "description"),
    (
        "supplier",
        "use_within_hours",
        "limit_counts",
        "release",
        "may_be_open",
        "donor_tests",
        "retest_after_days",
        "components",
        "container",
        "suits",
        "body_weight",
    ),
)
COMPONENT = Shape("a component", ("label",))
CONTAINER = Shape("a container", ("holds", "unit", "keep_years"))
ARM = Shape("an arm", ("label", "type", "description"), ("products", "in", "levels"))
TREATMENT_FACTOR = Shape("a factor of the arms", ("label", "levels"), ())
TREATMENT_LEVEL = Shape("a level of a factor", ("label",), ())
ROLE = Shape("a role", (), ("label", "like", "at_site", "may", "knows_arm"))
STEP = Shape(
    "a step",
    ("label", "roles"),
    (
        "at",
        "after",
        "reveals_arm",
        "records",
        "planned",
        "within",
        "dispenses",
        "two_people",
        "run_in",
    ),
)
TIME_LIMIT = Shape("a time limit", ("step", "hours"))
LABORATORY = Shape("the laboratory", ("sex",), ("age", "born"))
MONITORING = Shape("the monitoring", ("critical", "sample"), ("late_after_days", "signals"))
SIGNALS = Shape(
    "the risk signals", (), ("query_rate", "deviation_rate", "late_entries", "verification_errors")
)
SIGNAL = Shape("a risk signal", ("above", "adds"))
KITS = Shape("the kits", ("supplied_by", "received_by", "contains", "unit"), ("strengths",))
STRENGTH = Shape("a strength of kits", ("label",))
BEFORE = Shape("what comes before", (), ("allocation", "treatment"))
REQUIREMENTS = Shape("the requirements", (), ("refuse", "warn"))
PLANNED_DOSE = Shape("a planned dose", ("unit",), ("amount", "table"))
DOSE_ROW = Shape("a row of a dose table", ("amount",), ("when",))
BLINDING = Shape("the blinding", (), ("blinded", "unblinded"))
MASKING = Shape("the masking", (), ("masked", "unmasked"))
CONSENT = Shape(
    "the consent",
    (),
    ("version", "parts", "languages", "given_by", "assent_from", "majority", "waived"),
)
CONSENT_PART = Shape("a part of the consent", ("label",), ("optional",))
CRITERIA = Shape("the criteria", ("inclusion",), ("exclusion",))
CRITERION = Shape("a criterion", ("text",), ("check", "kind"))
ALLOCATION = Shape(
    "the allocation",
    (),
    (
        "kind",
        "ratio",
        "block_sizes",
        "strata",
        "run_in",
        "pause_after",
        "probability",
        "weights",
        "measure",
        "by",
        "rule",
        "to",
    ),
)
NAMED_ALLOCATION = Shape(
    "one of the allocations", ("label",), (*ALLOCATION.optional, "at", "among", "when", "arms")
)
ARM_RULE = Shape("who gets an arm", ("when",))
FACTOR = Shape("a stratification factor", ("label", "levels"))
LEVEL = Shape("a level", ("label", "when"))
RUN_IN = Shape("the run-in", ("participants", "block_size"), ("days_apart",))
PAUSE = Shape("the pause", ("participants", "after_days", "seen_by"))
DOSE_LEVEL = Shape("a dose level", ("dose", "unit"), ("with",))
SECOND_DOSE = Shape("the dose of the second agent", ("dose", "unit"))
GROUP = Shape(
    "a group",
    ("label",),
    (
        "participants",
        "when",
        "chosen_by",
        "allocation",
        "arms",
        "cohorts",
        "opens",
        "closes",
    ),
)
OPENING = Shape("the opening of a group", (), ("on", "after", "reached", "decided_by"))
CLOSING = Shape("the closing of a group", (), ("on", "decided_by"))
COHORTS = Shape(
    "the cohorts",
    ("window", "event", "decide"),
    (
        "rule",
        "size",
        "sizes",
        "control",
        "evaluable",
        "response",
        "response_window",
        "days_apart",
    ),
)
COHORT_CONTROL = Shape("the control of a cohort", ("arm", "each"))
COHORT_SIZES = Shape("a stretch of cohort sizes", ("each",), ("until", "through"))
ANCHOR = Shape(
    "an anchor", ("label",), ("step", "item", "when", "visit", "epoch", "epoch_end", "event")
)
EPOCH = Shape("an epoch", ("label", "type"), ("starts", "ends", "length"))
CYCLE = Shape("a cycle", ("label", "from", "length"), ("times", "until", "next_from", "next_on"))
STRETCH = Shape("a stretch of a cycle", ("every",), ("times",))
VISIT = Shape(
    "a visit",
    ("label", "forms"),
    (
        "anchor",
        "cycle",
        "epoch",
        "day",
        "after",
        "window_before_days",
        "window_after_days",
        "fallback",
        "screening",
        "remote",
        "only_if",
        "arms",
        "unscheduled",
        "kind",
    ),
)
FALLBACK = Shape("a fallback", ("anchor", "day"), ("window_before_days", "window_after_days"))
CODE = Shape("a code", ("label",), ("points",))
FORM = Shape(
    "a form",
    ("label", "sections"),
    (
        "completed_by",
        "signed_by",
        "repeating",
        "unmasking",
        "instructions",
        "checks",
        "sampled",
        "last_values",
        "diary",
    ),
)
DIARY = Shape(
    "a diary", ("from", "days", "at", "on_time_hours", "open_hours"), ("day", "remind_hours")
)
SECTION = Shape("a section", ("label", "items"))
ITEM = Shape(
    "an item",
    ("label", "type"),
    (
        "unit",
        "minimum",
        "maximum",
        "likely_minimum",
        "likely_maximum",
        "normal_low",
        "normal_high",
        "test",
        "decimals",
        "longest",
        "choices",
        "optional",
        "future",
        "show_when",
        "expression",
        "hint",
        "unmasking",
        "missing",
    ),
)
RELEASE_TEST = Shape("a release test", (*ITEM.required, "requires"), ITEM.optional)
CHECK = Shape("a check", ("when", "severity", "message", "items"))
ENDPOINT = Shape(
    "an endpoint",
    (
        "label",
        "kind",
        "population",
        "treatments",
        "variable",
        "definition",
        "at",
        "intercurrent_events",
        "summary",
    ),
    ("more_is_better", "analysis"),
)
ANALYSIS = Shape(
    "an analysis",
    ("measure", "method", "reference"),
    (
        "arms",
        "test",
        "stratified",
        "covariates",
        "missing",
        "multiplicity",
        "level",
        "best",
        "tipping_point",
        "event_on",
        "counted_from",
        "until_days",
        "median",
        "exposure",
        "outcomes",
        "clusters",
        "factor",
    ),
)
MULTIPLICITY = Shape("the multiplicity", ("hypotheses",), ("level",))
HYPOTHESIS = Shape("a hypothesis", ("endpoint", "weight"), ("arm", "passes"))
INTERCURRENT_EVENT = Shape("an intercurrent event", ("label", "strategy"), ("detail",))
SIMULATION = Shape(
    "the simulation",
    (),
    (
        "screening_failures",
        "stops",
        "withdrawals",
        "losses",
        "deaths",
        "late_visits",
        "missed_visits",
        "unscheduled",
        "doses_in_part",
        "doses_not_given",
        "missing_values",
        "unlikely_values",
        "mistakes",
        "corrections",
        "queries",
        "failed_lots",
        "recalled_donors",
        "late_thaws",
        "refused_scans",
        "events",
        "responses",
        "accrual_days",
        "sites",
        "years",
    ),
)
POPULATION = Shape("a population", ("label", "definition", "who"))

ALL = tuple(shape for shape in list(globals().values()) if isinstance(shape, Shape))
