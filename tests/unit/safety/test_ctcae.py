"""The two versions of CTCAE as data, and looking for a term."""

import pytest

from trialwright.safety.ctcae import by_name, chinese_name, search, terms
from trialwright.safety.data_files import rows_of
from trialwright.safety.laboratory import _criteria
from trialwright.safety.units import known_tests


def test_the_versions_have_their_terms() -> None:
    assert (len(terms("5.0")), len(terms("6.0"))) == (837, 850)
    with pytest.raises(KeyError):
        terms("4.0")


def test_only_the_grades_that_a_term_defines() -> None:
    """G13, G14: uterine infection begins at grade 2; ALT increased has no grade 5."""
    assert set(by_name("5.0")["Uterine infection"].grades) == {2, 3, 4, 5}
    assert set(by_name("5.0")["Alanine aminotransferase increased"].grades) == {1, 2, 3, 4}


def test_the_errata_of_version_6_are_in_its_terms() -> None:
    for row in rows_of("ctcae_6.0_errata.csv"):
        term = by_name("6.0")[row["CTCAE v6.0 MedDRA 28.0 Term"]]
        place, wanted = row["Grade/Definition"], row["Updated Version"]
        found = term.definition if place == "Definition" else term.grades[int(place[-1])]
        assert found == wanted


@pytest.mark.parametrize(
    ("version", "typed", "first"),
    [
        ("5.0", "pulmonary embolism", "Thromboembolic event"),
        ("6.0", "low platelets", "Thrombocytopenia"),
        ("5.0", "low platelets", "Platelet count decreased"),
        ("5.0", "haemoglobin increased", "Hemoglobin increased"),
        ("5.0", "发热", "Fever"),
        ("5.0", "uterine inf", "Uterine infection"),
    ],
)
def test_a_term_is_found_by_what_people_type(version: str, typed: str, first: str) -> None:
    assert search(version, typed)[0].name == first


def test_nothing_typed_finds_nothing() -> None:
    assert search("5.0", " ") == search("5.0", "xyzzy") == []
    assert chinese_name("Fever") == "发热" and chinese_name("Cardiac arrest") == ""


def test_every_synonym_stands_for_a_term() -> None:
    known = {term.name for version in ("5.0", "6.0") for term in terms(version)}
    assert {row["term"] for row in rows_of("synonyms.csv")} <= known


def test_every_laboratory_criterion_is_of_a_term_and_a_known_unit() -> None:
    for version in ("5.0", "6.0"):
        for system in ("SI", "US"):
            for test, criteria in _criteria(version, system).items():
                assert test in known_tests()
                for criterion in criteria:
                    term = by_name(version)[criterion.term]
                    # A bound may stand for a grade with symptoms, never for one that isn't there.
                    assert set(criterion.bounds) <= set(term.grades), (version, criterion.term)
