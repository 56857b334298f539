"""A review of the audit trail is a record: from where the last one ended, to what was read."""

from functools import partial

from tests.integration.conduct.refusing import absent, refused
from tests.integration.conduct.world import STUDY, World
from trialwright.conduct.actions.reviewing_trail import review_trail
from trialwright.conduct.models import TrailReview
from trialwright.conduct.reads.trail_reviews import trail_reviews
from trialwright.ledger import journal
from trialwright.protocol.basics import Role


def test_each_reviewer_goes_on_where_their_own_last_review_ended(world: World) -> None:
    world.consented()
    first = journal.head(STUDY).seq
    review = partial(review_trail, by=world.monitor, at=world.now)
    assert review(last=first, findings="Nothing") == 1
    manager = world.person(Role.DATA_MANAGER)
    assert review_trail(by=manager, last=first, findings="Late entries", at=world.now) == 2
    world.consented()
    second = journal.head(STUDY).seq
    assert review(last=second, findings="Two consents on one day") == 3
    told = trail_reviews(world.monitor)
    assert [(each.first, each.last) for each in told.reviews] == [
        (first + 1, second), (1, first), (1, first),
    ]  # fmt: skip
    assert (told.mine, trail_reviews(manager).mine) == (second, first)
    assert told.head == journal.head(STUDY).seq > second


def test_a_review_without_findings_or_beyond_the_trail_is_refused(world: World) -> None:
    head = journal.head(STUDY).seq
    review = partial(review_trail, by=world.monitor, at=world.now)
    assert "Write what you found" in refused(partial(review, last=head, findings=" "))
    assert "the trail ends at" in refused(partial(review, last=head + 1, findings="Nothing"))
    assert "the trail ends at" in refused(partial(review, last=0, findings="Nothing"))
    review(last=head, findings="Nothing")
    assert "Your last review ended" in refused(partial(review, last=head, findings="Nothing"))
    assert TrailReview.objects.count() == 1


def test_who_enters_data_does_not_review_the_trail(world: World) -> None:
    for by in (world.coordinator, world.investigator, world.person(Role.ADMINISTRATOR)):
        absent(partial(review_trail, by=by, last=1, findings="Nothing", at=world.now))
