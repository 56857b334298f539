"""What was said of the values of a form, and which results and forms still wait for it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

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
from trialwright.conduct.models import BoundRange, Entry, ProtocolVersion, Study, Value, ValueReview
from trialwright.conduct.models.entries import EntryStatus
from trialwright.conduct.models.value_reviews import ReviewAnswer, ReviewKind
from trialwright.conduct.reads.participants import visible
from trialwright.conduct.sealed_values import Stored
from trialwright.protocol.forms import Form, Item
from trialwright.protocol.normal_range import outside_normal


@dataclass(frozen=True, slots=True)
class Review:
    """What stands of one value: the answer, the comment, who said it, as what, and when."""

    item: str
    kind: ReviewKind
    answer: ReviewAnswer
    comment: str
    by: str
    role: str
    at: datetime


@dataclass(frozen=True, slots=True)
class FormReviews:
    """What stands of the values of a form, by item."""

    significance: Mapping[str, Review]
    source: Mapping[str, Review]


NOTHING = FormReviews({}, {})


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
        )
        for row in rows
    ]
    return FormReviews(
        {each.item: each for each in found if each.kind is ReviewKind.SIGNIFICANCE},
        {each.item: each for each in found if each.kind is ReviewKind.SOURCE},
    )


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


def results_to_judge(by: Actor) -> QuerySet[Entry]:
    """Forms with results outside normal that nobody has judged and that wait for this person."""
    if not may(by, Act.JUDGE_EVENTS):
        return Entry.objects.none()
    return _at(unjudged(by), by, Act.JUDGE_EVENTS)


def unjudged(by: Actor) -> QuerySet[Entry]:
    """Forms, of the participants one may see, with results outside normal that nobody has judged.

    Each stands under the limits of its laboratory's range, where one is bound to it; else under
    those of the version that it was entered under.
    """
    outside = Q(pk__in=())
    for version in ProtocolVersion.objects.filter(study_id=by.study):
        for form in protocol_of(version).forms:
            for item in form.items:
                limits = _beyond(item)
                told = not item.computed and item.key not in form.unmasking_items
                if limits and told:
                    place = Q(entry__protocol_version=version, entry__form=form.key, item=item.key)
                    outside |= place & limits
    judged = ValueReview.objects.filter(
        entry=OuterRef("entry"),
        item=OuterRef("item"),
        kind=ReviewKind.SIGNIFICANCE.value,
        undone_at=None,
    )
    values: QuerySet[Any] = Value.objects.annotate(sign=_sign(), result=_result())
    if Study.objects.filter(pk=by.study, laboratories__gt=0).exists():
        values, outside = _by_laboratory(values, outside)
    values = values.filter(outside, ~Exists(judged), entry=OuterRef("pk"))
    return _entries(by).filter(Exists(values))


def unverified(by: Actor, wanted: Q | None = None) -> QuerySet[Entry]:
    """Complete forms, of the participants one may see, with values that nobody has verified in
    their source; with values of which `wanted` holds, where it is given."""
    verified = ValueReview.objects.filter(
        entry=OuterRef("entry"),
        item=OuterRef("item"),
        kind=ReviewKind.SOURCE.value,
        undone_at=None,
    )
    values = typed_values(by.study).filter(~Exists(verified), entry=OuterRef("pk"))
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
