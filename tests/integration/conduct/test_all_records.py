"""What a form computes of all records of an item, stored with each change of any of them."""

from datetime import timedelta

import pytest

from tests.integration.conduct.other_trials import CYCLES, Trial, begin
from trialwright.conduct.actions import entering, visiting
from trialwright.conduct.models import Entry, Query, Signature, Value, VisitRecord
from trialwright.conduct.reads.forms import form_page
from trialwright.ledger import reading
from trialwright.protocol.loader import parse_file
from trialwright.protocol.problems import ProtocolFileError

COMPUTED = """\
          nadir: {label: "Least so far", type: score, expression: "min(day_1.scan.lesion)"}
          growth: {label: "Growth", type: score, expression: "lesion - nadir"}
          total: {label: "Sum of targets", type: score, expression: "sum(targets.across)"}
          recent: {label: "Of 40 days", type: score, expression: "mean(day_1.scan.lesion, 40)"}
    checks:
      grown:
        when: "growth >= 5"
        severity: ask
        message: "Grown by 5 mm or more: is that right?"
        items: [lesion]
"""
TARGETS = """\
  targets:
    label: "Target lesions"
    repeating: yes
    sections:
      all:
        label: "All"
        items:
          where: {label: "Where", type: text, optional: yes}
          across: {label: "Across", type: number, unit: mm, optional: yes}
"""
TEXT = (
    CYCLES.replace("    checks:\n      light:", COMPUTED + "      light:")
    .replace("  vitals:\n    label", TARGETS + "  vitals:\n    label", 1)
    .replace("forms: [scan, vitals]", "forms: [targets, scan, vitals]")
)
WHY = "Read again"


@pytest.fixture
def trial(db: None) -> Trial:
    return begin(TEXT)


def save(
    trial: Trial, code: str, visit: str, form: str, raw: dict[str, str], repeat: int = 1,
    based_on: int = 0,
) -> entering.Saved:  # fmt: skip
    return entering.save_entry(
        by=trial.person("coordinator"), code=code, visit=visit, form=form, raw=raw, repeat=repeat,
        based_on=based_on, change_reasons=dict.fromkeys(raw, WHY) if based_on else {},
        at=trial.now,
    )  # fmt: skip


def held(code: str, visit: str, form: str = "scan") -> dict[str, str | None]:
    rows = Value.objects.filter(
        entry__participant__code=code, entry__visit=visit, entry__form=form, entry__repeat=1
    )
    return dict(rows.values_list("item", "text"))


def scanned(trial: Trial, *lesions: int) -> str:
    """A participant with a scan in each cycle."""
    code = trial.randomised()
    for number, lesion in enumerate(lesions, start=1):
        visit = "day_1" if number == 1 else f"day_1~{number}"
        visiting.record_visit(
            by=trial.person("coordinator"), code=code, visit=visit, on=trial.now.date(),
            at=trial.now,
        )  # fmt: skip
        save(trial, code, visit, "scan", {"lesion": str(lesion), "weight": "60"})
        trial.later(days=21)
    return code


def test_each_occurrence_has_the_least_up_to_itself(trial: Trial) -> None:
    code = scanned(trial, 30, 20, 24)
    found = [held(code, visit) for visit in ("day_1", "day_1~2", "day_1~3")]
    assert [(each["nadir"], each["growth"]) for each in found] == [
        ("30", "0"), ("20", "0"), ("20", "4"),
    ]  # fmt: skip


def test_a_correction_is_followed_by_later_occurrences_alone(trial: Trial) -> None:
    code = scanned(trial, 30, 20, 24)
    for visit in ("day_1", "day_1~3"):
        page = form_page(trial.person("investigator"), code, visit, "scan")
        entering.sign_entry(
            by=trial.person("investigator"), code=code, visit=visit, form="scan",
            content_hash=page.content_hash, at=trial.now,
        )  # fmt: skip
    save(trial, code, "day_1~2", "scan", {"lesion": "18", "weight": "60"}, based_on=1)
    assert held(code, "day_1")["nadir"] == "30"
    assert (held(code, "day_1~3")["nadir"], held(code, "day_1~3")["growth"]) == ("18", "6")
    scans = Entry.objects.filter(form="scan").order_by("visit")
    assert [scan.revision for scan in scans] == [1, 2, 2]
    void = Signature.objects.exclude(void_at=None).values_list("entry__visit", flat=True)
    assert list(void) == ["day_1~3"]
    query = Query.objects.get()
    assert (query.entry.visit, query.check_key) == ("day_1~3", "grown")


def test_a_sum_follows_each_repeat_and_a_blank_one_makes_it_unknown(trial: Trial) -> None:
    code = scanned(trial, 30)
    save(trial, code, "day_1", "targets", {"across": "12"})
    assert held(code, "day_1")["total"] == "12"
    save(trial, code, "day_1", "targets", {"across": "9"}, repeat=2)
    assert held(code, "day_1")["total"] == "21"
    save(trial, code, "day_1", "targets", {"across": "10"}, repeat=2, based_on=1)
    assert held(code, "day_1")["total"] == "22"
    save(trial, code, "day_1", "targets", {"where": "Liver"}, repeat=3)
    assert "total" not in held(code, "day_1")
    page = form_page(trial.person("coordinator"), code, "day_1", "scan")
    anew = {key: value["text"] for key, value in page.judged(page.values).values.items()}
    assert anew == page.saved == held(code, "day_1")


def test_what_was_stored_is_what_a_new_form_computes(trial: Trial) -> None:
    code = scanned(trial, 30, 20)
    save(trial, code, "day_1~2", "targets", {"across": "5"})
    save(trial, code, "day_1", "targets", {"across": "7"})
    assert held(code, "day_1~2")["total"] == "5"
    for visit in ("day_1", "day_1~2"):
        page = form_page(trial.person("coordinator"), code, visit, "scan")
        anew = {key: value["text"] for key, value in page.judged(page.values).values.items()}
        assert anew == held(code, visit)


def test_the_last_days_count_back_from_the_day_of_the_visit(trial: Trial) -> None:
    code = scanned(trial, 30, 20, 24)
    found = [held(code, visit)["recent"] for visit in ("day_1", "day_1~2", "day_1~3")]
    assert found == ["30", "25", "22"]  # 0, 21 and 42 days on: of the third, the last two.


def test_another_day_of_a_visit_is_followed_where_its_records_were_or_are_counted(
    trial: Trial,
) -> None:
    code = scanned(trial, 30, 20, 24)
    page = form_page(trial.person("investigator"), code, "day_1~3", "scan")
    entering.sign_entry(
        by=trial.person("investigator"), code=code, visit="day_1~3", form="scan",
        content_hash=page.content_hash, at=trial.now,
    )  # fmt: skip
    first = VisitRecord.objects.get(participant__code=code, visit="day_1").actual
    assert first is not None
    visiting.record_visit(
        by=trial.person("coordinator"), code=code, visit="day_1~2", on=first + timedelta(days=1),
        reason="Written down wrongly", at=trial.now,
    )  # fmt: skip
    found = [held(code, visit)["recent"] for visit in ("day_1", "day_1~2", "day_1~3")]
    assert found == ["30", "25", "24"]
    assert Signature.objects.get(entry__visit="day_1~3").void_at is not None
    third = Value.objects.get(item="recent", entry__visit="day_1~3")
    study = trial.protocol.identifier
    line, *_ = reading.rows(study, may_reveal=lambda _: True, entity="value", id=str(third.pk))
    assert (line.new.text, line.reason.text) == ("24", "Follows from day_1~2")
    page = form_page(trial.person("coordinator"), code, "day_1~3", "scan")
    anew = {key: value["text"] for key, value in page.judged(page.values).values.items()}
    assert anew == page.saved == held(code, "day_1~3")


@pytest.mark.parametrize(
    ("expression", "says"),
    [
        ("sum(day_1.scan.nadir)", "is computed or shown from itself"),
        ("sum(targets.across, 28)", "are of one visit"),
        ("last(vitals.weight_now)", "doesn't say at which visit"),
        ("sum(end.score.points)", "has one record"),
    ],
)
def test_what_a_form_cannot_have_is_refused_with_its_line(expression: str, says: str) -> None:
    text = TEXT.replace("min(day_1.scan.lesion)", expression)
    with pytest.raises(ProtocolFileError) as refused:
        parse_file(text.encode())
    problem = next(each for each in refused.value.problems if says in each.message)
    line = text[: text.index("nadir: {label")].count("\n") + 1
    assert problem.line == line and problem.way_out
