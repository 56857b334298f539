"""The forms of a visit that a person fills in: all on one page, and which comes next."""

from collections.abc import Iterator, Mapping, Sequence

from trialwright.accounts.policy import Actor, role_to_complete
from trialwright.conduct.acting import knows_arm
from trialwright.conduct.models import Entry
from trialwright.conduct.models.entries import EntryStatus
from trialwright.conduct.participants.completing import Completed, Raw
from trialwright.conduct.reads.forms import FormPage, form_page
from trialwright.conduct.reads.participants import participant_and_protocol
from trialwright.conduct.refusals import NotFound
from trialwright.conduct.sealed_values import Stored
from trialwright.protocol.basics import UnknownKeyError
from trialwright.protocol.completion import needed_elsewhere
from trialwright.protocol.dependencies import placed
from trialwright.protocol.forms import Form


def forms_to_fill(by: Actor, code: str, visit: str) -> tuple[FormPage, ...]:
    """The forms of a visit that this person may fill in and that are open now, in the protocol's
    order; of a repeating form its records and the empty one that comes next."""
    found = []
    for form in _own_forms(by, code, visit):
        repeats = [1]
        if form.repeating:
            known = Entry.objects.filter(
                participant__study=by.study, participant__code=code, visit=visit, form=form.key
            ).values_list("repeat", flat=True)
            repeats = [*sorted(known), max(known, default=0) + 1]
        found += [form_page(by, code, visit, form.key, repeat) for repeat in repeats]
    return tuple(each for each in found if each.closed is None and each.completes_as is not None)


def fills_several(by: Actor, code: str, visit: str) -> bool:
    """Whether this person fills in more than one form of a visit."""
    return len(list(_own_forms(by, code, visit))) > 1


def next_to_fill(by: Actor, page: FormPage) -> str | None:
    """The first form after this one, at its visit, that this person fills in and that is not
    complete; None where none is left."""
    forms = list(_own_forms(by, page.participant.code, page.visit.key))
    keys = [each.key for each in forms]
    after = forms[keys.index(page.form.key) + 1 :] if page.form.key in keys else []
    complete = set(
        Entry.objects.filter(
            participant=page.participant,
            visit=page.visit.key,
            status=EntryStatus.COMPLETE.value,
            repeat=1,
        ).values_list("form", flat=True)
    )
    return next((form.key for form in after if form.key not in complete), None)


def _own_forms(by: Actor, code: str, visit: str) -> Iterator[Form]:
    participant, protocol = participant_and_protocol(by, code)
    try:
        forms = [protocol.form(key) for key in protocol.visit(visit).forms]
    except UnknownKeyError:
        raise NotFound from None
    knows = knows_arm(by, participant)
    for form in forms:
        if role_to_complete(by, form, site=participant.site, knows_arm=knows) is not None:
            yield form


def needs_of(page: FormPage, pages: Sequence[FormPage]) -> frozenset[str]:
    """The other forms of the same page that this form reads from."""
    here = {each.form.key for each in pages}
    places = (placed(n, page.visit.key, page.form.key) for n in needed_elsewhere(page.form))
    parts = [place.split(".") for place in places]
    needed = {form for visit, form, _ in parts if visit == page.visit.key and form in here}
    return frozenset(needed - {page.form.key})


def in_order_of_need(pages: Sequence[FormPage]) -> list[FormPage]:
    """The forms, each after those that it reads from; forms that read each other as they stood."""
    waiting, done, ordered = list(pages), set[str](), list[FormPage]()
    while waiting:
        ready = [each for each in waiting if needs_of(each, pages) <= done] or waiting
        ordered += ready
        done |= {each.form.key for each in ready}
        waiting = [each for each in waiting if each not in ready]
    return ordered


def judged_together(
    pages: Sequence[FormPage], raw: Mapping[tuple[str, int], Mapping[str, Raw]]
) -> dict[tuple[str, int], Completed]:
    """How the forms of one page would stand with all that is typed on it; by form and record."""
    beside: dict[str, Stored] = {}
    judged: dict[tuple[str, int], Completed] = {}
    for page in in_order_of_need(pages):
        key = (page.form.key, page.repeat)
        judged[key] = page.judged(raw[key], beside)
        if not page.form.repeating:
            beside[page.form.key] = judged[key].values
    return judged
