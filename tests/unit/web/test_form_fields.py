"""A protocol's form becomes an accessible page: labels, hints, units, problems, the same words."""

import re

import pytest
from django.template.loader import render_to_string
from django.utils import translation

from tests.unit.web.forms_for_tests import FORM, REASONS
from trialwright.protocol.values import Missing
from trialwright.web.forms.fields import Answers, Field, lay_out, problems_of
from trialwright.web.forms.presenter import answer_rows


def fields(answers: Answers | None = None, language: str = "en") -> dict[str, Field]:
    groups = lay_out(FORM, answers or Answers(), reasons=REASONS, language=language)
    return {field.key: field for group in groups for field in group.fields}


def html(answers: Answers, language: str = "en") -> str:
    with translation.override(language):
        groups = lay_out(FORM, answers, reasons=REASONS, language=language)
        return render_to_string("web/parts/form.html", {"groups": groups})


def test_each_item_gets_the_control_that_fits_it() -> None:
    assert {key: field.control for key, field in fields().items()} == {
        "exam_date": "date", "last_bleed": "date", "thickness_mm": "box", "menses": "radios",
        "list": "select", "pain": "radios", "where": "area", "total": "score", "seen": "radios",
    }  # fmt: skip


def test_the_range_is_a_hint_and_the_unit_stands_after_the_box() -> None:
    assert fields()["thickness_mm"].hint == "From 0.5 to 30."
    assert '<span class="unit">mm</span>' in html(Answers())


def test_optional_is_said_in_words_and_nothing_is_starred() -> None:
    text = html(Answers())
    assert "*" not in text
    assert text.count("(optional)") == 2


def test_what_was_typed_stands_in_the_boxes_wrong_or_not() -> None:
    text = html(Answers(values={"thickness_mm": "five", "exam_date": "2026-Mrach-15"}))
    assert 'name="thickness_mm" value="five"' in text
    assert 'name="exam_date.month" value="Mrach"' in text
    assert 'name="exam_date.day" value="15"' in text


def test_typed_markup_is_text() -> None:
    assert "<script>" not in html(Answers(values={"where": "</textarea><script>alert(1)</script>"}))


def test_a_problem_has_the_same_words_in_the_summary_and_at_the_field() -> None:
    sentence = "Enter the thickness in mm, from 0.5 to 30."
    answers = Answers(values={"thickness_mm": "54"}, problems={"thickness_mm": sentence})
    groups = lay_out(FORM, answers, reasons=REASONS, language="en")
    [problem] = problems_of(groups)
    assert problem.text == sentence
    text = html(answers)
    assert f'id="{problem.field}"' in text
    assert sentence in text
    assert 'aria-invalid="true"' in text


def test_a_problem_of_an_item_that_is_not_asked_is_not_told() -> None:
    answers = Answers(problems={"where": "Say where."}, skipped=frozenset({"where"}))
    assert problems_of(lay_out(FORM, answers, reasons=REASONS, language="en")) == []


def test_an_item_not_asked_stands_behind_a_closed_gate_and_keeps_what_was_typed() -> None:
    text = html(Answers(values={"where": "left side"}, skipped=frozenset({"where"})))
    assert re.search(r'class="gate closed" id="gate-where"', text)
    assert "left side" in text
    assert not re.search(r'class="gate closed" id="gate-where"', html(Answers()))


def test_a_completed_value_asks_why_only_once_it_is_changed() -> None:
    completed = {"thickness_mm": "5.4"}
    same = fields(Answers(values=completed, completed=completed))["thickness_mm"]
    assert same.watched and not same.changed
    other = fields(Answers(values={"thickness_mm": "4.5"}, completed=completed))["thickness_mm"]
    assert other.changed
    assert other.was == "5.4 mm"
    assert not fields(Answers(values={"thickness_mm": "4.5"}))["thickness_mm"].watched


def test_a_reason_for_no_value_is_chosen_beside_the_box_or_among_the_choices() -> None:
    answers = Answers(values={"thickness_mm": Missing("not_done"), "menses": Missing("not_known")})
    shown = fields(answers)
    assert [option.value for option in shown["thickness_mm"].reasons if option.chosen] == [
        "not_done"
    ]
    assert [o.value for o in shown["menses"].reasons if o.chosen] == ["not_known"]
    assert re.search(r'value="missing:not_known" checked', html(answers))
    assert shown["exam_date"].reasons == ()


def test_a_score_is_shown_and_never_sent() -> None:
    assert 'name="total"' not in html(Answers(values={"total": "6"}))
    assert re.search(
        r'<output id="score-total"[^>]*>6</output>', html(Answers(values={"total": "6"}))
    )
    assert "Computed once all its parts are there" in html(Answers())


def test_an_item_kept_back_leaves_no_trace_on_the_page() -> None:
    kept_back = frozenset(item.key for item in FORM.items if item.unmasking)
    groups = lay_out(FORM, Answers(), reasons=REASONS, language="en", kept_back=kept_back)
    text = render_to_string("web/parts/form.html", {"groups": groups})
    assert "seen" not in text.replace("unseen", "")
    assert "Sealed" not in text


def test_what_shows_the_arm_carries_the_sealed_mark() -> None:
    assert "Restricted: shows the arm" in html(Answers())


def test_every_box_has_a_label_and_every_id_stands_once() -> None:
    text = html(Answers(problems={"thickness_mm": "x", "menses": "y"}, completed={"menses": ""}))
    ids = re.findall(r' id="([^"]+)"', text)
    assert len(ids) == len(set(ids))
    labelled = set(re.findall(r'<label[^>]* for="([^"]+)"', text))
    boxes = set(re.findall(r'<(?:input(?! type="radio")|textarea|select)[^>]* id="([^"]+)"', text))
    assert boxes <= labelled


def test_chinese_has_its_labels_its_hints_and_its_order_of_a_date() -> None:
    with translation.override("zh-hans"):
        shown = fields(language="zh-hans")
    assert shown["thickness_mm"].label == "子宫内膜厚度"
    assert shown["thickness_mm"].hint == "范围 0.5 至 30。"
    assert [box.name for box in shown["exam_date"].boxes] == [
        "exam_date.year", "exam_date.month", "exam_date.day"
    ]  # fmt: skip
    assert shown["exam_date"].boxes[0].id == shown["exam_date"].id


@pytest.mark.parametrize(
    ("language", "thickness", "bleed", "menses"),
    [("en", "5.4 mm", "March 2026", "Not done"), ("zh-hans", "5.4 mm", "2026年3月", "未做")],
)
def test_answers_are_checked_in_words_each_with_the_way_to_change_it(
    language: str, thickness: str, bleed: str, menses: str
) -> None:
    values = {
        "thickness_mm": "5.4", "last_bleed": "2026-03", "menses": Missing("not_done"), "total": "6"
    }  # fmt: skip
    with translation.override(language):
        sections = answer_rows(
            FORM, values, reasons=REASONS, language=language, change="/f",
            skipped=frozenset({"where"}),
        )  # fmt: skip
    rows = {row.change.partition("#i-")[2]: row for _, group in sections for row in group}
    assert rows["thickness_mm"].value == thickness
    assert rows["last_bleed"].value == bleed
    assert rows["menses"].value == menses
    assert "where" not in rows
    computed = rows.pop("")
    assert computed.value == "6"
