"""An amendment is told in words, in both languages, with what it affects."""

from pathlib import Path

import pytest

from trialwright.demonstration.protocol import demonstration
from trialwright.protocol.diff import ChangeKind, compare_protocols
from trialwright.protocol.effects import Effect
from trialwright.protocol.loader import parse_file
from trialwright.protocol.shapes import ALL, PROVENANCE
from trialwright.protocol.wording import KEYS, NOUNS

SMALL = (Path(__file__).parent / "files" / "small.yaml").read_text(encoding="utf-8")


def amendment(old, new):
    assert old in SMALL
    after = SMALL.replace(old, new, 1)
    return compare_protocols(parse_file(SMALL.encode()), parse_file(after.encode()))


def test_a_file_against_itself_has_no_changes():
    assert compare_protocols(demonstration(), demonstration()).changes == ()


def test_comments_and_layout_are_no_change():
    assert amendment("participants: 20", "# more\nparticipants:   20 # twenty").changes == ()


@pytest.mark.parametrize(
    ("old", "new", "english", "chinese", "effects"),
    [
        (
            "maximum: 30, decimals: 1",
            "maximum: 25, decimals: 1",
            "Form “Scan”, Section “Measured”, Item “Thickness”, maximum: was 30; is 25",
            "表单“Scan”，分节“Measured”，项目“Thickness”，最大值：原为 30，现为 25",
            {Effect.ENTERED_DATA, Effect.FORMS},
        ),
        (
            '{label: "Volume", type',
            '{label: "Amount", type',
            "Form “Dose”, Section “Given”, Item “Amount”, name: was Volume; is Amount",
            "表单“Dose”，分节“Given”，项目“Amount”，名称：原为 Volume，现为 Amount",
            {Effect.FORMS},
        ),
        (
            '          volume: {label: "Volume", type: number, unit: mL}\n',
            "",
            "Form “Dose”, Section “Given”, Item “Volume”: removed",
            "表单“Dose”，分节“Given”，项目“Volume”：删除",
            {Effect.ENTERED_DATA, Effect.FORMS},
        ),
        (
            "    day: 14\n",
            "    day: 15\n",
            "Visit “Week 2”, day: was 14; is 15",
            "访视“Week 2”，天：原为 14，现为 15",
            {Effect.VISITS},
        ),
        (
            "age >= 18",
            "age >= 20",
            "Criteria, Inclusion criterion “18 or over”, check: was screening.who.age >= 18; is "
            "screening.who.age >= 20",
            "标准，入选标准“18 or over”，核查表达式：原为 screening.who.age >= 18，现为 "
            "screening.who.age >= 20",
            {Effect.ELIGIBILITY},
        ),
        (
            "block_sizes: [2, 4]",
            "block_sizes: [4]",
            "Allocation, block sizes: was 2, 4; is 4",
            "分配，区组大小：原为 2, 4，现为 4",
            {Effect.ALLOCATION},
        ),
        (
            "participants: 20",
            "participants: {value: 20, origin: confirmed, source: us}",
            "Participants, origin: added, now confirmed",
            "受试者人数，依据类别：新增，现为 confirmed",
            {Effect.READINESS},
        ),
        (
            '    study: {label: "Taking part"}',
            '    study: {label: "Taking part"}\n    blood: {label: "Blood kept", optional: yes}',
            "Consent, Part of the consent “Blood kept”: added",
            "知情同意，知情同意部分“Blood kept”：新增",
            {Effect.CONSENT},
        ),
        (
            "unblinded: [product_handler]",
            "unblinded: [product_handler, monitor]",
            "Blinding, unblinded roles: was product_handler; is product_handler, monitor",
            "盲法，非盲角色：原为 product_handler，现为 product_handler, monitor",
            {Effect.MASKING},
        ),
        (
            "    window_after_days: 2\n    forms: [scan]\n",
            "    window_after_days: 2\n    forms: [scan, log]\n",
            "Visit “Week 2”, forms: was scan; is scan, log",
            "访视“Week 2”，表单：原为 scan，现为 scan, log",
            {Effect.VISITS, Effect.ENTERED_DATA},
        ),
    ],
)
def test_a_change_is_said_in_words_with_what_it_affects(old, new, english, chinese, effects):
    change = amendment(old, new).changes[0]
    assert change.words.in_language("en") == english
    assert change.words.in_language("zh") == chinese
    assert set(change.effects) == effects


def test_the_order_of_the_arms_is_a_change_since_it_numbers_them():
    treated = SMALL[SMALL.index("  treated:\n") : SMALL.index("  control:\n")]
    control = SMALL[SMALL.index("  control:\n") : SMALL.index("blinding:")]
    [change] = amendment(treated + control, control.rstrip() + "\n" + treated + "\n").changes
    assert change.kind is ChangeKind.REORDERED
    assert Effect.ALLOCATION in change.effects


def test_the_whole_amendment_names_each_effect_once_most_serious_first():
    both = amendment("participants: 20", "participants: 22")
    assert both.effects == (Effect.ALLOCATION, Effect.ANALYSIS)
    assert all(effect.words.in_language("zh") != str(effect.words) for effect in Effect)


def test_every_key_of_the_file_has_words():
    keys = {key for shape in ALL for key in (*shape.keys, *PROVENANCE)}
    assert keys <= set(KEYS) | set(NOUNS)
