"""In a notebook, designs, states, tables and results are plain tables whose texts are escaped."""

from dataclasses import dataclass
from html.parser import HTMLParser
from typing import Any

import pytest

from trialwright.analysis import probability_best, two_proportions
from trialwright.analysis.notebook import MOST_ROWS, Notebook, table
from trialwright.design import (
    BetaBinomialStopping,
    Blrm,
    Boin,
    Boin12,
    Crm,
    ExactTwoArm,
    GroupSequential,
    PermutedBlocks,
    SimonTwoStage,
    TiteBoin,
)

BOIN = Boin(target=0.3, doses=3, max_participants=12)
SAFETY = BetaBinomialStopping(0.15, (0.3, 1.7), 0.85, 10)
TITE = TiteBoin(boin=BOIN)
TWO_ARM = ExactTwoArm(per_arm=(10, 20), upper=(2.8, 2.0))
SIMON = SimonTwoStage(n1=10, r1=1, n=29, r=5)
SEQUENTIAL = GroupSequential(timing=(0.5, 1.0))
BLOCKS = PermutedBlocks(arms=2, block_sizes=(4,))
BLRM = Blrm(doses=(1, 5), reference=5, prior_mean=(0, 0), prior_sd=(1, 0.5))
SHOWN: list[Any] = [
    BOIN, BOIN.table(), BOIN.start(), BOIN.decide(BOIN.start()),
    BOIN.operating_characteristics([[0.1, 0.2, 0.3], [0.2, 0.3, 0.4]]),
    Boin12(target=0.3, min_response=0.2, doses=2).start(),
    Crm(target=0.25, skeleton=(0.1, 0.25), max_participants=9),
    Crm(target=0.25, skeleton=(0.1, 0.25)).fit([1, 1], [0, 0]),
    TITE, TITE.start().observe(1, 9, 1, pending=(0.3, 0.3)),
    SAFETY, SAFETY.start(), SAFETY.operating_characteristics([0.1, 0.2]),
    SIMON, SIMON.characteristics(0.2), SEQUENTIAL, SEQUENTIAL.boundaries,
    TWO_ARM, TWO_ARM.operating_characteristics([[0.2, 0.5]]), BLRM, BLRM.fit([3, 0], [0, 0]),
    BLOCKS, BLOCKS.properties()[0],
    two_proportions(3, 10, 5, 10), probability_best([3, 6], [10, 10]),
]  # fmt: skip


class WellFormed(HTMLParser):
    """Refuses an element that isn't closed in its turn."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: set[str] = set()

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        self.open.append(tag)
        self.seen.add(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


@pytest.mark.parametrize("shown", SHOWN, ids=lambda each: type(each).__name__)
def test_each_shows_itself_as_plain_html(shown: Any) -> None:
    parser = WellFormed()
    parser.feed(shown._repr_html_())
    assert not parser.open
    assert parser.seen <= {"p", "strong", "table", "caption", "thead", "tbody", "tr", "th", "td"}
    assert parser.seen & {"p", "td"}


def test_a_state_is_counted_by_dose_and_names_the_current_one() -> None:
    html = BOIN.start().observe(2, 3, 1)._repr_html_()
    assert '<th scope="col">dose</th><th scope="col">treated</th>' in html
    assert '<tr><th scope="row">2</th><td>3</td><td>1</td></tr>' in html
    assert "<caption>dose 2, last 3, 1</caption>" in html


def test_characteristics_have_a_row_for_each_scenario_and_field() -> None:
    result = BOIN.operating_characteristics([[0.1, 0.2, 0.3]])
    html = result._repr_html_()
    assert f'<th scope="row">1: selected</th><td>{result.selected[0, 0]:.4g}</td>' in html
    assert "method exact" in html


def test_texts_are_escaped_wherever_they_stand() -> None:
    @dataclass(frozen=True)
    class Named(Notebook):
        name: str
        parts: tuple[str, ...]

    html = Named("<b>&", ("<script>",))._repr_html_()
    assert "<b>" not in html and "<script>" not in html
    assert "&lt;b&gt;&amp;" in html and "&lt;script&gt;" in html
    assert table(["<i>"], [["<u>", "&"]], "<p>").count("&lt;") == 3


def test_a_long_table_is_cut_and_says_so() -> None:
    html = table(["n"], [[n] for n in range(MOST_ROWS + 5)])
    assert html.count("<tr>") == MOST_ROWS + 1
    assert "5 more rows" in html
