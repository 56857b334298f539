"""What was said of the values of a form, and which results and forms still wait for it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import (
    Case,
    DecimalField,
    Exists,
    F,
    Func,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    When,
)
from django.db.models import Value as Literal
from django.db.models.functions import Cast, NullIf

from trialwright.accounts.policy import Act, Actor, may
from trialwright.conduct.acting import protocol_of
from trialwright.conduct.laboratory.graded import grading_under
from trialwright.conduct.laboratory.grades import proposed_grades
from trialwright.conduct.models import BoundRange, Entry, ProtocolVersion, Study, Value, ValueReview
from trialwright.conduct.models.entries import EntryStatus
from trialwright.conduct.models.value_reviews import ReviewAnswer, ReviewKind
from trialwright.conduct.reads.participants import visible
from trialwright.conduct.sealed_values import Stored
from trialwright.protocol.forms import Form, Item
from trialwright.protocol.normal_range import outside_normal
from trialwright.safety.laboratory import Graded, screen
from trialwright.safety.laboratory_grading import LaboratoryGrading


@dataclass(frozen=True, slots=True)
class Review:
    """What stands of one value: the answer, the comment, who said it, as what, and when; of a
    grade the one that was given."""

    item: str
    kind: ReviewKind
    answer: ReviewAnswer
    comment: str
    by: str
    role: str
    at: datetime
    grade: int | None


@dataclass(frozen=True, slots=True)
class FormReviews:
    """What stands of the values of a form, by item."""

    significance: Mapping[str, Review]
    grade: Mapping[str, Review]
    source: Mapping[str, Review]


NOTHING = FormReviews({}, {}, {})


def reviews_of(entry: Entry | None) -> FormReviews:
    """What stands of the values of an entry that the person may see."""
    if entry is None:
        return NOTHING
    rows = ValueReview.objects.filter(entry=entry, undone_at=None).order_by("item")
    found = [
        Review(
            row.item,
            ReviewKind(row.kind),
            ReviewAnswer(row.answer),
            row.comment,
            str(row.reviewed_by),
            row.role,
            row.reviewed_at,
            row.grade,
        )
        for row in rows
    ]

    def of(kind: ReviewKind) -> Mapping[str, Review]:
        return {each.item: each for each in found if each.kind is kind}

    return FormReviews(of(ReviewKind.SIGNIFICANCE), of(ReviewKind.GRADE), of(ReviewKind.SOURCE))


def reviewable_items(form: Form, held: Stored) -> list[str]:
    """The items of a form whose value, or reason for none, can be verified in a source, in the
    form's order: what is typed and tells no arm."""
    return [
        item.key
        for item in form.items
        if item.key in held and not item.computed and item.key not in form.unmasking_items
    ]


def abnormal_items(form: Form, held: Stored) -> list[str]:
    """Those of them whose result lies outside the limits of normal."""
    return [
        key
        for key in reviewable_items(form, held)
        if outside_normal(form.item(key), held[key]["text"] or "") is not None
    ]


def results_graded(page_grades: Mapping[str, Graded], form: Form, held: Stored) -> list[str]:
    """Those of them for which a grade is asked: one is proposed, or the result is outside normal
    and the protocol has it graded."""
    outside = abnormal_items(form, held)
    return [
        key
        for key in reviewable_items(form, held)
        if key in page_grades and (page_grades[key].grade or key in outside)
    ]


def results_to_judge(by: Actor) -> QuerySet[Entry]:
    """Forms with results that nobody has judged or graded and that wait for this person."""
    if not may(by, Act.JUDGE_EVENTS):
        return Entry.objects.none()
    return _at(unjudged(by), by, Act.JUDGE_EVENTS)


def unjudged(by: Actor) -> QuerySet[Entry]:
    """Forms, of the participants one may see, with results outside normal that nobody has judged,
    or that the protocol has graded and nobody has.

    Each stands under the limits of its laboratory's range, where one is bound to it; else under
    those of the version that it was entered under. A result within them waits where a grade is
    proposed for it: it may be a multiple of the participant's own baseline.
    """
    results = _results(by.study)
    judged, graded = _said(ReviewKind.SIGNIFICANCE), _said(ReviewKind.GRADE)
    outside = results.rows.filter(results.outside)
    waiting = outside.filter(~judged | results.graded & ~graded, entry=OuterRef("pk"))
    within = results.rows.exclude(results.outside).filter(results.screened, ~graded)
    entries = _entries(by)
    few = list(entries.filter(Exists(within.filter(entry=OuterRef("pk")))))
    return entries.filter(Exists(waiting) | Q(pk__in=_with_a_grade_to_give(few)))


def _said(kind: ReviewKind) -> Exists:
    """Whether something of this kind is said of a value and stands."""
    return Exists(
        ValueReview.objects.filter(
            entry=OuterRef("entry"), item=OuterRef("item"), kind=kind.value, undone_at=None
        )
    )


def _with_a_grade_to_give(entries: list[Entry]) -> list[UUID]:
    """Those of some forms with a result for which a grade is proposed and none is given."""
    rows = ValueReview.objects.filter(
        entry__in=entries, kind=ReviewKind.GRADE.value, undone_at=None
    )
    given = set(rows.values_list("entry_id", "item"))
    return [
        entry
        for entry, proposed in proposed_grades(entries).items()
        if any(graded.grade and (entry, key) not in given for key, graded in proposed.items())
    ]


@dataclass(frozen=True, slots=True)
class _Results:
    """All results of a study as the database reads them, and which of them are outside normal,
    graded by the protocol, or graded and beyond what a grade within normal may begin at."""

    rows: QuerySet[Any]
    outside: Q
    graded: Q
    screened: Q


def _results(study: str) -> _Results:
    nothing = Q(pk__in=())
    outside, graded, screened = nothing, nothing, nothing
    rules_of: list[tuple[Q, LaboratoryGrading, Form, Item]] = []
    for version in ProtocolVersion.objects.filter(study_id=study):
        rules = grading_under(version.pk)
        for form in protocol_of(version).forms:
            for item in form.items:
                if item.computed or item.key in form.unmasking_items:
                    continue
                place = Q(entry__protocol_version=version, entry__form=form.key, item=item.key)
                if limits := _beyond(item):
                    outside |= place & limits
                if rules is not None and rules.test_of(form.key, item.key):
                    rules_of.append((place, rules, form, item))
    rows: QuerySet[Any] = Value.objects.annotate(sign=_sign(), result=_result())
    if Study.objects.filter(pk=study, laboratories__gt=0).exists():
        rows, outside = _by_laboratory(rows, outside)
    for place, rules, form, item in rules_of:
        graded |= place
        screened |= place & _screened(rows, outside, rules, form, item)
    return _Results(rows, outside, graded, screened)


def _screened(
    rows: QuerySet[Any], outside: Q, rules: LaboratoryGrading, form: Form, item: Item
) -> Q:
    """What every result of an item passes that has a grade and lies within its range."""
    test = rules.test_of(form.key, item.key)
    bounds = screen(rules.version, test, item.unit or "", rules.units)
    baseline = rows.filter(
        entry__participant=OuterRef("entry__participant"),
        entry__visit=rules.baseline,
        entry__form=form.key,
        entry__repeat=1,
        item=item.key,
    )

    def times(factor: Decimal) -> Q:
        return Q(result__lte=OuterRef("result") / Literal(factor))

    found = Q(pk__in=())
    if bounds.below is not None:
        found |= Q(result__lte=bounds.below)
    if bounds.above is not None:
        found |= Q(result__gte=bounds.above)
    if bounds.times_baseline is not None:
        found |= Q(Exists(baseline.filter(times(bounds.times_baseline))))
    if bounds.times_high_baseline is not None:
        found |= Q(Exists(baseline.filter(outside, times(bounds.times_high_baseline))))
    return found


def unverified(by: Actor, wanted: Q | None = None) -> QuerySet[Entry]:
    """Complete forms, of the participants one may see, with values that nobody has verified in
    their source; with values of which `wanted` holds, where it is given."""
    values = typed_values(by.study).filter(~_said(ReviewKind.SOURCE), entry=OuterRef("pk"))
    if wanted is not None:
        values = values.filter(wanted)
    return _entries(by).filter(Exists(values), status=EntryStatus.COMPLETE.value)


def typed_values(study: str) -> QuerySet[Value]:
    """The values of a study, and reasons for none, that were typed and not computed. What could
    reveal an arm is no row of them."""
    computed = Q(pk__in=())
    for version in ProtocolVersion.objects.filter(study_id=study):
        for form in protocol_of(version).forms:
            keys = [item.key for item in form.items if item.computed]
            place = Q(entry__protocol_version=version, entry__form=form.key, item__in=keys)
            computed |= place if keys else Q(pk__in=())
    return Value.objects.filter(~computed)


def _entries(by: Actor) -> QuerySet[Entry]:
    rows: QuerySet[Entry] = Entry.objects.filter(participant__in=visible(by))
    return rows.select_related("participant").order_by("participant__code", "visit", "form")


def _at(rows: QuerySet[Entry], by: Actor, act: Act) -> QuerySet[Entry]:
    sites = by.sites_for(act)
    return rows if sites is None else rows.filter(participant__site__in=sites)


# A result as it is stored: a number, or one beyond the limit of measuring.
_RESULT = r"^[<>]?-?[0-9]+(\.[0-9]+)?$"


def _sign() -> Case:
    """On which side of the limit of measuring a result lies, or ""."""
    signs = [When(text__startswith=sign, then=Literal(sign)) for sign in "<>"]
    return Case(*signs, default=Literal(""))


def _result() -> Case:
    """The number of a result; the case keeps the database from casting what is none."""
    digits = Func(F("text"), Literal("^[<>]"), Literal(""), function="regexp_replace")
    number = Cast(digits, DecimalField(max_digits=40, decimal_places=12))
    return Case(When(text__regex=_RESULT, then=number))


def _beyond(item: Item) -> Q | None:
    """What `outside_normal` says of a result, for the database."""
    found = Q()
    if item.normal_low is not None:
        found |= _side("<", "lt", item.normal_low)
    if item.normal_high is not None:
        found |= _side(">", "gt", item.normal_high)
    return found or None


def _by_laboratory(values: QuerySet[Any], outside: Q) -> tuple[QuerySet[Any], Q]:
    """The limits that are bound to a value count instead of the protocol's."""
    bound = BoundRange.objects.filter(entry=OuterRef("entry"), item=OuterRef("item"))
    number: DecimalField[Decimal, Decimal] = DecimalField(max_digits=40, decimal_places=12)

    def limit(name: str) -> Subquery:
        text = NullIf(F(f"range__{name}"), Literal(""))
        return Subquery(bound.annotate(limit=Cast(text, number)).values("limit")[:1])

    values = values.annotate(ranged=Exists(bound), low=limit("low"), high=limit("high"))
    low, high = _side("<", "lt", F("low")), _side(">", "gt", F("high"))
    return values, (Q(ranged=False) & outside) | (Q(ranged=True) & (low | high))


def _side(sign: str, beyond: str, limit: Decimal | F) -> Q:
    measured = Q(sign="", **{f"result__{beyond}": limit})
    return measured | Q(sign=sign, **{f"result__{beyond}e": limit})
