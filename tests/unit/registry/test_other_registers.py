"""Records of the WHO's portal, of CTIS as its portal gives it, and ages in every register's words.

The records here are rebuilt: the forms are real (names of elements and keys, how values are
written), the trials are not.
"""

from pathlib import Path

import orjson
import pytest

from trialwright.registry.library.adding import add
from trialwright.registry.library.library import Library
from trialwright.registry.readers.detect import read_record
from trialwright.registry.readers.files import RawRecord, raw_records
from trialwright.registry.record.record import Register
from trialwright.registry.search.search import search

CHINESE = """  <Trial><Export_date>10/04/2026 04:51:51</Export_date>
    <TrialID>ChiCTR2600000001
    </TrialID>
    <Last_Refreshed_on>21 September 2026</Last_Refreshed_on>
    <Public_title>Hiccup cured by counting &amp; waiting   </Public_title>
    <Acronym/>
    <Primary_sponsor>A hospital</Primary_sponsor>
    <Date_registration>2026-09-20</Date_registration>
    <Source_Register>ChiCTR</Source_Register>
    <Recruitment_Status>Not Recruiting</Recruitment_Status>
    <Inclusion_agemin>18</Inclusion_agemin><Inclusion_agemax>80Y</Inclusion_agemax>
    <Inclusion_gender>Both</Inclusion_gender>
    <Target_size>120</Target_size>
    <Study_type>Interventional study</Study_type>
    <Phase>N/A</Phase>
    <Countries>China;Viet Nam</Countries>
    <Secondary_ID>NCT00000007;Nil</Secondary_ID>
    <Inclusion_Criteria>Inclusion criteria: 1.Hiccup for a day;&#x0D;&lt;br&gt;2.Consent
    </Inclusion_Criteria>
    <Exclusion_Criteria>Exclusion criteria: 1.Gout</Exclusion_Criteria>
    <Condition>Hiccup</Condition>
    <Intervention>Counting group:counting (aloud; to ten);Control group:waiting;</Intervention>
    <Primary_outcome>Hiccups in an hour;Relief;</Primary_outcome>
  </Trial>
"""
EUROPEAN = """<Trial><TrialID>EUCTR2019-000001-11-DE</TrialID><Public_title>A gel</Public_title>
<Phase>Human pharmacology (Phase I): no&lt;br&gt;Therapeutic exploratory (Phase II): yes
Therapeutic confirmatory - (Phase III): yes Therapeutic use (Phase IV): no</Phase>
<Inclusion_gender>Female: yes&lt;br&gt;Male: no</Inclusion_gender></Trial>"""
EXPORT = (
    "<?xml version='1.0' encoding='UTF-8' ?>\n<Trials_downloaded_from_ICTRP>\n"
    + CHINESE + EUROPEAN + "<Trial><TrialID>XX1</TrialID></Trial></Trials_downloaded_from_ICTRP>"
)  # fmt: skip


def test_a_record_of_the_whos_portal_is_read() -> None:
    record = read_record(CHINESE.strip().encode())
    assert (record.number, record.register) == ("ChiCTR2600000001", Register.CHICTR)
    assert record.title.value == "Hiccup cured by counting & waiting"
    assert record.title.at == "/Trial/Public_title"
    assert record.status.value == "Not Recruiting"
    assert str(record.last_update_posted.date.value) == "2026-09-21"
    ages = record.eligibility
    assert ages.minimum_age.value and ages.minimum_age.value.years == 18
    assert ages.maximum_age.value and ages.maximum_age.value.years == 80
    assert (ages.sex.value, record.enrolment.count.value) == ("ALL", 120)
    assert ages.criteria.value == (
        "Inclusion Criteria:\n\n1.Hiccup for a day;\n2.Consent\n\nExclusion Criteria:\n\n1.Gout"
    )
    assert [place.country.value for place in record.locations] == ["China", "Viet Nam"]
    assert [item.name.value for item in record.interventions] == [
        "Counting group:counting (aloud; to ten)",
        "Control group:waiting",
    ]
    assert [item.measure.value for item in record.outcomes] == ["Hiccups in an hour", "Relief"]
    assert record.address.endswith("TrialID=ChiCTR2600000001")


def test_the_portals_words_for_european_records_are_read() -> None:
    record = read_record(EUROPEAN.encode())
    assert (record.number, record.register) == ("2019-000001-11-DE", Register.EUCTR)
    assert [phase.value for phase in record.phases] == ["PHASE2", "PHASE3"]
    assert record.eligibility.sex.value == "FEMALE"


@pytest.mark.parametrize(
    ("number", "register"),
    [
        ("NCT01234567", Register.CTGOV), ("ISRCTN12345678", Register.ISRCTN),
        ("CTIS2023-508143-51-01", Register.CTIS), ("ACTRN12605000001695", Register.ANZCTR),
        ("JPRN-UMIN000012345", Register.JPRN), ("JPRN-jRCTs031180001", Register.JPRN),
        ("CTRI/2020/04/024489", Register.CTRI), ("IRCT20080826001083N52", Register.IRCT),
        ("DRKS00012345", Register.DRKS), ("NL-OMON12345", Register.OMON),
        ("PACTR202001234567890", Register.PACTR), ("RBR-7z4f8k", Register.REBEC),
        ("RPCEC00000123", Register.RPCEC), ("SLCTR/2020/001", Register.SLCTR),
        ("TCTR20200101001", Register.TCTR), ("KCT0001234", Register.CRIS),
        ("PER-001-20", Register.REPEC), ("LBCTR2020012345", Register.LBCTR),
        ("ITMCTR2020000001", Register.ITMCTR),
    ],
)  # fmt: skip
def test_every_register_of_the_portal_is_known_by_its_numbers(
    number: str, register: Register
) -> None:
    record = read_record(f"<Trial><TrialID>{number}</TrialID></Trial>".encode())
    assert record.register is register


def test_an_export_is_taken_apart_and_what_is_no_trial_set_aside(tmp_path: Path) -> None:
    path = tmp_path / "ICTRP-Results.xml"
    path.write_text(EXPORT, "utf-8")
    counts = add(tmp_path / "library", raw_records(path))
    assert (counts.new, counts.refused) == (2, 1)
    assert "number of no register we know" in counts.why_refused[0]
    cut = path.with_name("cut.xml")
    cut.write_bytes(path.read_bytes()[:-200])
    assert [raw.trouble for raw in raw_records(cut)][-1] == "the XML breaks off"
    assert search(Library(tmp_path / "library"), "hiccup").hits[0].nct == "ChiCTR2600000001"


def test_a_copy_of_the_portal_does_not_stand_before_the_registers_own_record(
    tmp_path: Path,
) -> None:
    own = {
        "protocolSection": {
            "identificationModule": {"nctId": "NCT01234567", "briefTitle": "The register's"},
            "statusModule": {"lastUpdateSubmitDate": "2019-01-01"},
        }
    }
    copy = (
        "<Trial><TrialID>NCT01234567</TrialID><Public_title>The copy's</Public_title>"
        "<Last_Refreshed_on>21 September 2026</Last_Refreshed_on></Trial>"
    )
    records = [RawRecord(orjson.dumps(own), "own", ""), RawRecord(copy.encode(), "copy", "")]
    for at, order in enumerate((records, records[::-1])):
        add(tmp_path / str(at), order)
        library = Library(tmp_path / str(at))
        assert library.record("NCT01234567").title.value == "The register's"
        assert len(library.versions("NCT01234567")) == 2


PORTAL = {
    "ctNumber": "2024-500000-11-00",
    "ctStatus": "Ended",
    "ctPublicStatusCode": 8,
    "authorizedApplication": {
        "eudraCt": {"eudraCtCode": "2019-001588-63"},
        "memberStatesConcerned": [{"mscName": "Poland"}, {"mscName": "Greece"}],
        "authorizedPartI": {
            "trialDetails": {
                "clinicalTrialIdentifiers": {
                    "publicTitle": "Drops for hiccup",
                    "secondaryIdentifyingNumbers": {"nctNumber": {"number": "NCT04665037"}},
                },
                "trialInformation": {
                    "trialCategory": {"trialPhase": "4"},
                    "populationOfTrialSubjects": {
                        "ageRanges": [{"ageRangeCategory": "2"}, {"ageRangeCategory": "3"}],
                        "isFemaleSubjects": True,
                        "isMaleSubjects": False,
                    },
                },
            }
        },
    },
}


def test_a_record_of_ctis_is_read_as_its_portal_gives_it(tmp_path: Path) -> None:
    record = read_record(orjson.dumps(PORTAL))
    assert (record.number, record.register) == ("2024-500000-11-00", Register.CTIS)
    ages = record.eligibility
    assert ages.minimum_age.value and ages.minimum_age.value.years == 0
    assert ages.maximum_age.value and ages.maximum_age.value.years == 64
    assert (ages.sex.value, record.status.value) == ("FEMALE", "Ended")
    assert [phase.value for phase in record.phases] == ["PHASE2"]
    assert [place.country.value for place in record.locations] == ["Poland", "Greece"]
    add(tmp_path, [RawRecord(orjson.dumps(PORTAL), "portal", "")])
    for number in ("2019-001588-63", "NCT04665037", "2024-500000-11-00"):
        assert [hit.nct for hit in search(Library(tmp_path), number).hits] == [record.number]


def other(register: str, **keys: object) -> bytes:
    numbers = {"isrctn": "12345678", "_id": "2019-000001-11-DE", "ctNumber": "2024-500000-11-00"}
    return orjson.dumps({"ctrname": register, **numbers, **keys})


@pytest.mark.parametrize(
    ("raw", "admitted", "refused"),
    [
        (other("CTIS", ageGroup="0-17 years"), 12, 30),
        (other("CTIS", ageGroup="65+ years, 18-64 years"), 70, 12),
        (other("EUCTR", f12_adults_1864_years="Yes", f13_elderly_65_years="No"), 30, 70),
        (other("EUCTR", f113_newborns_027_days="Yes"), 0, 1),
        (other("ISRCTN", participants={"ageRange": "Neonate"}), 0, 70),
        (other("ISRCTN", participants={"ageRange": "Adult"}), 70, 12),
    ],
)
def test_ages_are_read_in_every_registers_words(
    tmp_path: Path, raw: bytes, admitted: int, refused: int
) -> None:
    add(tmp_path, [RawRecord(raw, "", "")])
    assert search(Library(tmp_path), f"age:{admitted}").total == 1
    assert search(Library(tmp_path), f"age:{refused}").total == 0


def test_unknown_ages_are_not_admitted_and_no_limit_is(tmp_path: Path) -> None:
    unlimited = {"protocolSection": {"identificationModule": {"nctId": "NCT01234567"}}}
    add(
        tmp_path,
        [RawRecord(other("EUCTR"), "", ""), RawRecord(orjson.dumps(unlimited), "", "")],
    )
    assert [hit.nct for hit in search(Library(tmp_path), "age:70").hits] == ["NCT01234567"]


def test_a_sex_includes_trials_open_to_all_unless_only_it_is_asked_for(tmp_path: Path) -> None:
    made = [
        {
            "protocolSection": {
                "identificationModule": {"nctId": f"NCT0000000{at}"},
                "eligibilityModule": {"sex": sex},
            }
        }
        for at, sex in enumerate(("ALL", "FEMALE", "MALE"))
    ]
    add(tmp_path, [RawRecord(orjson.dumps(one), "", "") for one in made])
    found = {
        text: [hit.nct[-1] for hit in search(Library(tmp_path), text).hits]
        for text in ("sex:female", "sex:MALE", "sex:only-female", "sex:all")
    }
    assert found == {
        "sex:female": ["1", "0"],
        "sex:MALE": ["2", "0"],
        "sex:only-female": ["1"],
        "sex:all": ["0"],
    }


@pytest.mark.parametrize(
    "text",
    [
        "2019-000001-11-DE", "2019-000001-11", "2019-000001-11-FR", "EUCTR2019-000001-11-DE",
        "NCT01234567", "nct1234567", "NCT 01234567", "AB-77/2020", "ab-77/2020 hiccup",
    ],
)  # fmt: skip
def test_any_number_finds_its_trial(tmp_path: Path, text: str) -> None:
    european = other(
        "EUCTR",
        a3_full_title_of_the_trial="Hiccup",
        a41_sponsors_protocol_code_number="AB-77/2020",
        a52_us_nct_clinicaltrialsgov_registry_number="NCT01234567",
    )
    american = {"identificationModule": {"nctId": "NCT07777777", "briefTitle": "Another"}}
    records = [european, orjson.dumps({"protocolSection": american})]
    add(tmp_path, [RawRecord(record, "", "") for record in records])
    assert [hit.nct for hit in search(Library(tmp_path), text).hits] == ["2019-000001-11-DE"]


@pytest.mark.parametrize("between", [" ", ", ", ";", "\n", " | "])
def test_a_list_of_numbers_finds_them_all(tmp_path: Path, between: str) -> None:
    records = [
        {"protocolSection": {"identificationModule": {"nctId": f"NCT0000000{at}"}}}
        for at in range(4)
    ]
    add(tmp_path, [RawRecord(orjson.dumps(record), "", "") for record in records])
    wanted = ["NCT00000003", "NCT00000001"]
    answer = search(Library(tmp_path), between.join(wanted))
    assert [hit.nct for hit in answer.hits] == wanted and not answer.direct
