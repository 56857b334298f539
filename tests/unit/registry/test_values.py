"""A record's values: three kinds of nothing, partial dates, cleaned text, damaged input."""

import doctest
import importlib
import pkgutil
from datetime import date

import pytest

import trialwright.registry
from trialwright.registry.readers.ctgov_v2 import read_v2, record_from_study
from trialwright.registry.readers.errors import UnreadableError
from trialwright.registry.record.dates import PartialDate, read_date
from trialwright.registry.record.parts import read_age, repaired_mesh_id
from trialwright.registry.record.text import TextForm, clean
from trialwright.registry.record.values import Given


def study(**modules: object) -> dict[str, object]:
    """A study with these modules of the protocol section."""
    named = {f"{name}Module": module for name, module in modules.items()}
    identification = {"identificationModule": {"nctId": "NCT00000001"}}
    return {"protocolSection": identification | named}


def test_absent_blank_and_not_applicable_stay_three_things() -> None:
    phases = {
        Given.ABSENT: {},
        Given.BLANK: {"phases": []},
        Given.NOT_APPLICABLE: {"phases": ["NA"]},
        Given.STATED: {"phases": ["PHASE1", "PHASE2"]},
    }
    for given, module in phases.items():
        assert record_from_study(study(design=module)).phases.given is given
    why = record_from_study(study(status={"whyStopped": "  "})).why_stopped
    assert (why.given, why.value, why.raw) == (Given.BLANK, None, "  ")


def test_a_value_knows_where_it_stood_and_how_it_was_written() -> None:
    arms = [{"label": "A"}, {"label": "Dose \\> 3 mg"}]
    label = record_from_study(study(armsInterventions={"armGroups": arms})).arms[1].label
    assert label.at == "/protocolSection/armsInterventionsModule/armGroups/1/label"
    assert (label.value, label.raw) == ("Dose > 3 mg", "Dose \\> 3 mg")


@pytest.mark.parametrize(
    ("module", "fact"),
    [
        ({"status": {"startDateStruct": {"date": "2017-13"}}}, lambda r: r.start.date),
        ({"status": {"startDateStruct": {"date": 2017}}}, lambda r: r.start.date),
        ({"status": {"overallStatus": ["RECRUITING"]}}, lambda r: r.status),
        ({"design": {"enrollmentInfo": {"count": "many"}}}, lambda r: r.enrolment.count),
        ({"design": {"enrollmentInfo": {"count": True}}}, lambda r: r.enrolment.count),
        ({"eligibility": {"minimumAge": "adult"}}, lambda r: r.eligibility.minimum_age),
        ({"conditions": {"conditions": "Asthma"}}, lambda r: r.conditions),
    ],
)
def test_what_can_not_be_read_says_so_and_does_not_raise(module, fact) -> None:  # type: ignore[no-untyped-def]
    assert fact(record_from_study(study(**module))).given is Given.UNREADABLE


def test_a_part_of_the_wrong_shape_is_absent_below_it() -> None:
    record = record_from_study(study(status=["no", "object"], design="text"))
    assert record.status.given is Given.ABSENT
    assert record.phases.given is Given.ABSENT


def test_a_partial_date_stays_partial() -> None:
    month = PartialDate(2017, 10)
    assert str(month) == "2017-10"
    assert (month.earliest, month.latest) == (date(2017, 10, 1), date(2017, 10, 31))
    assert PartialDate(2024).latest == date(2024, 12, 31)


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("2017-09-28T12:56", "2017-09-28"),
        ("July 14, 2004", "2004-07-14"),
        ("July 2004", "2004-07"),
        ("28/09/2017", "2017-09-28"),
        ("1999", "1999"),
        ("2017-02-30", None),
        ("0000-01", None),
        ("soon", None),
        ("Julember 2004", None),
    ],
)
def test_dates_as_registers_write_them(written: str, read: str | None) -> None:
    found = read_date(written)
    assert (None if found is None else str(found)) == read


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("\\<18 \\> 3 \\* \\[x\\]", "<18 > 3 * [x]"),
        ("count &#8805; 5 &amp; more", "count ≥ 5 & more"),
        ("weight </= 150kg, AT&T", "weight </= 150kg, AT&T"),
        ("Chongqing ;", "Chongqing"),
        ("a ; b | ;", "a ; b"),
        (" ; ;", ""),
        ("half \ud800 and \x00 nul &#0;", "half \ufffd and \ufffd nul \ufffd"),
        ("<script>alert(1)</script>", "<script>alert(1)</script>"),
        ("* a\n\n\n\n  * b", "* a\n\n  * b"),
        ("二期\u00a0 试验；", "二期 试验；"),
    ],
)
def test_text_is_cleaned_for_showing(raw: str, shown: str) -> None:
    assert clean(raw) == shown


def test_wrapped_text_is_joined_and_lists_are_kept() -> None:
    raw = """
       Inclusion Criteria:\r\n
         -  has a long\r
            condition\r\n
         -  other\r
    """
    assert (
        clean(raw, TextForm.WRAPPED) == "Inclusion Criteria:\n\n- has a long condition\n\n- other"
    )


def test_very_long_text_takes_no_long_time() -> None:
    text = "\\<" * 500_000 + " ;" * 500_000 + "\n" * 500_000
    assert clean(text) == "<" * 500_000


def test_ages_in_every_unit() -> None:
    assert [read_age(t).years for t in ("18 Years", "1 Year", "12 Months")] == [18, 1, 1]  # type: ignore[union-attr]
    assert read_age("28 Days").years == pytest.approx(0.0767, abs=1e-4)  # type: ignore[union-attr]
    assert read_age("grown-up") is None


def test_padded_mesh_numbers_are_repaired_and_real_nine_digits_kept() -> None:
    written = ("D000003550", "D003550", "D000097902", "C000657245")
    assert [repaired_mesh_id(w) for w in written] == [
        "D003550", "D003550", "D000097902", "C000657245",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        (b"[]", "a list"),
        (b"null", "null"),
        (b'{"protocolSection": {"identificationModule": {"nctId": 7}}}', "7"),
        (b'{"protocolSection": []}', "none"),
        (b"{", "not JSON"),
        (b"[" * 200_000, "not JSON"),
    ],
)
def test_what_is_no_study_is_refused_with_the_reason(raw: bytes, words: str) -> None:
    with pytest.raises(UnreadableError, match=words):
        read_v2(raw)


def test_a_lone_surrogate_is_read_and_shown_replaced() -> None:
    module = b'{"nctId": "NCT00000001", "acronym": "a\\ud800"}'
    raw = b'{"protocolSection": {"identificationModule": %s}}' % module
    assert read_v2(raw).acronym.value == "a\ufffd"


def test_the_examples_in_the_docstrings_hold() -> None:
    names = [
        found.name
        for found in pkgutil.walk_packages(trialwright.registry.__path__, "trialwright.registry.")
    ]
    ran = [doctest.testmod(importlib.import_module(name)) for name in names]
    assert sum(result.failed for result in ran) == 0
    assert sum(result.attempted for result in ran) > 5
