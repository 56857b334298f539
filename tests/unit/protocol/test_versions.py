"""Which version a participant stands under: one function of what has begun and what was agreed."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trialwright.protocol.versions import Agreed, Begun, Moves, version_under

DAY = datetime(2027, 1, 1, tzinfo=UTC)


def day(number: int) -> datetime:
    return DAY + timedelta(days=number)


def version(number: int, moves: Moves, since: int, consent: str | None = None) -> Begun:
    return Begun(number, moves, consent or str(number), day(since))


@pytest.mark.parametrize(
    ("begun", "screened", "consents", "expected"),
    [
        ([], 0, [("0", 1)], 0),
        ([version(1, Moves.NEW_ONLY, 10)], 10, [], 1),
        ([version(1, Moves.NEW_ONLY, 10)], 9, [("0", 9)], 0),
        ([version(1, Moves.AT_ONCE, 10)], 5, [("0", 6)], 1),
        ([version(1, Moves.RECONSENT, 10)], 5, [("0", 6)], 0),
        ([version(1, Moves.RECONSENT, 10)], 5, [("0", 6), ("0", 12)], 0),
        ([version(1, Moves.RECONSENT, 10)], 5, [("0", 6), ("1", 12)], 1),
        ([version(1, Moves.RECONSENT, 10)], 5, [], 1),
        # A later version that moves all takes those along who kept an earlier one.
        ([version(1, Moves.NEW_ONLY, 10), version(2, Moves.AT_ONCE, 20)], 5, [("0", 6)], 2),
        # A site that begins with the second at once never had the first.
        ([version(2, Moves.RECONSENT, 10)], 5, [("0", 6), ("2", 11)], 2),
        # An earlier version that begins later moves nobody back.
        ([version(2, Moves.AT_ONCE, 10), version(1, Moves.AT_ONCE, 20)], 25, [], 2),
    ],
)
def test_who_stands_where(
    begun: list[Begun], screened: int, consents: list[tuple[str, int]], expected: int
) -> None:
    agreed = [Agreed(document, day(at)) for document, at in consents]
    assert version_under(begun, day(screened), agreed) == expected


STEPS = st.lists(
    st.builds(version, st.integers(1, 4), st.sampled_from(Moves), st.integers(0, 40)), max_size=5
)
CONSENTS = st.lists(
    st.builds(Agreed, st.sampled_from("01234"), st.integers(0, 60).map(day)), max_size=4
)


@given(STEPS, st.integers(0, 40), CONSENTS, st.randoms())
def test_the_order_of_what_is_known_does_not_count(
    begun: list[Begun], screened: int, consents: list[Agreed], random: object
) -> None:
    mixed = sorted(begun, key=lambda _each: random.random())  # type: ignore[attr-defined]
    here = version_under(begun, day(screened), consents)
    assert here == version_under(mixed, day(screened), consents[::-1])
    assert here in {0, *(each.number for each in begun)}


@given(STEPS, st.integers(0, 40), CONSENTS, st.sampled_from("01234"))
def test_a_further_consent_never_moves_back(
    begun: list[Begun], screened: int, consents: list[Agreed], document: str
) -> None:
    before = version_under(begun, day(screened), [Agreed("0", day(0)), *consents])
    more = [Agreed("0", day(0)), *consents, Agreed(document, day(70))]
    assert version_under(begun, day(screened), more) >= before
