"""Every form that people have of a trial is read, from a file to a trial of the library.

The records here are rebuilt: the forms are real (columns, elements, keys, how values are written),
the trials are not. `docs/registry.md` says which forms were tried on real files too.
"""

import zipfile
from pathlib import Path

import orjson
import pytest
from typer.testing import CliRunner

from trialwright.cli import app
from trialwright.registry.library.adding import add
from trialwright.registry.library.library import Library
from trialwright.registry.readers.detect import read_record
from trialwright.registry.readers.errors import UnreadableError
from trialwright.registry.readers.files import raw_records
from trialwright.registry.record.record import Record, Register
from trialwright.registry.search.search import search

CTGOV_CSV = """\ufeffNCT Number,Study Title,Study URL,Acronym,Study Status,Brief Summary,\
Study Results,\
Conditions,Interventions,Primary Outcome Measures,Sponsor,Collaborators,Sex,Age,Phases,\
Enrollment,Funder Type,Study Type,Study Design,Other IDs,Start Date,Completion Date,\
Last Update Posted,Locations
NCT00000001,"Hiccup, counted",https://clinicaltrials.gov/study/NCT00000001,HIC,\
ACTIVE_NOT_RECRUITING,"Two lines

of summary",NO,Hiccup|Sneeze,DRUG: Water|OTHER: Waiting,"Relief, at 1 hour",A University,\
B Fund|C Fund,\
FEMALE,"ADULT, OLDER_ADULT",PHASE2|PHASE3,\
70,OTHER,INTERVENTIONAL,\
Allocation: RANDOMIZED | Intervention Model: PARALLEL | Masking: DOUBLE (PARTICIPANT) | Primary \
Purpose: TREATMENT,058/10|2019-000001-11,2010-07,2011-06,2011-07-26,"A House, Bern, 3010,\
 Switzerland"
"""
RIS = """TY  - DBASE
DP  - National Library of Medicine (US)
ID  - NCT00000002
U1  - 2020-A1 [OTHER_GRANT]
U1  - 2019-000001-11 [EUDRACT_NUMBER]
ST  - Sneeze stopped
TI  - How a sneeze is stopped
C1  - A University
C2  - RECRUITING
C5  - INTERVENTIONAL
AB  - A summary
  that goes on
UR  - https://clinicaltrials.gov/study/NCT00000002
ER  -

TY  - JOUR
TI  - A trial that a reference manager kept: NCT00000003
ER  -
"""
ICTRP_CSV = """TrialID,Last Refreshed on,Public title,Primary sponsor,Date registration,Source \
Register,Recruitment Status,Inclusion agemin,Inclusion gender,Target size,Study type,Phase,\
Countries,\
Condition,Intervention,Primary outcome
ChiCTR2600000001,17 February 2026,Counting,A hospital,2026-02-16,ChiCTR,Not Recruiting,18,Both,\
treated:10;control:15;,Interventional study,2-3,China,Hiccup,Counting,Relief;
"""
EUCTR_FULL = """This file contains full details on each clinical trial selected for download.

Summary
EudraCT Number: 2019-000001-11
Trial Status: Ongoing
Link: https://www.clinicaltrialsregister.eu/ctr-search/trial/2019-000001-11/ES/

A. Protocol Information
A.1 Member State Concerned: Spain - AEMPS
A.3 Full title of the trial: Counting against hiccup
A.3 Full title of the trial (es): Contar contra el hipo
que sigue
A.5.2 US NCT (ClinicalTrials.gov registry) number: NCT00000001

B. Sponsor Information
Sponsor 1
B.1.1 Name of Sponsor: A University
B.1.3.4\tCountry: Spain

D. IMP Identification
D.IMP: 1
D.1.2 and D.1.3 IMP Role: Test
D.3.1 Product name: Water
E.1.1 Medical condition(s) being investigated: Hiccup
E.3 Principal inclusion criteria: 1. Hiccup: for a day
2. Consent
A patient may sneeze
E.4 Principal exclusion criteria: Gout
E.5 End points
E.5.1 Primary end point(s): Relief
E.7.2 Therapeutic exploratory (Phase II): Yes
E.8.1.1 Randomised: Yes
F.1.1.5 Children (2-11years): Yes
F.1.2 Adults (18-64 years): No
F.2.1 Female: Yes
F.2.2 Male: No
F.4.2.2 In the whole clinical trial: 40

N. Date of Competent Authority Decision: 2020-05-18
P. End of Trial Status: Ongoing

Summary
EudraCT Number: 2019-000001-11
Link: https://www.clinicaltrialsregister.eu/ctr-search/trial/2019-000001-11/DE/
A.3 Full title of the trial: Counting against hiccup
"""
EUCTR_SUMMARY = """EudraCT Number:          2010-018900-10
Sponsor Protocol Number: FLIP110
Sponsor Name:            A Laboratory
Full Title:              Safety of counting
Start Date:              2010-05-11
Medical condition:       Hiccup
Population Age:          Adults, Elderly
Gender:                  Male, Female
Trial protocol:          FR(Ongoing)
Link:                    https://www.clinicaltrialsregister.eu/ctr-search/search?query=x
"""
ISRCTN = """<?xml version="1.0" encoding="UTF-8"?>
<allTrials totalCount="1" xmlns="http://www.67bricks.com/isrctn"><fullTrial>
<trial lastUpdated="2026-09-08T10:00:22.861Z" version="3"><isrctn>00000001</isrctn>
<trialDescription><title>Counting</title><plainEnglishSummary>Why count</plainEnglishSummary>
<primaryOutcomes><outcomeMeasure id="a"><variable>Relief</variable><method>Bell</method>
<timepoints>1 hour</timepoints></outcomeMeasure></primaryOutcomes><primaryOutcome />
<secondaryOutcomes /><secondaryOutcome>Sleep</secondaryOutcome></trialDescription>
<externalRefs><clinicalTrialsGovNumber>NCT00000001</clinicalTrialsGovNumber>
<eudraCTNumber>Nil known</eudraCTNumber><secondaryNumbers><secondaryNumber>77</secondaryNumber>
</secondaryNumbers></externalRefs>
<participants><recruitmentCountries><country>Spain</country><country>Peru</country>
</recruitmentCountries><ageRange>Adult</ageRange>
<lowerAgeLimit unit="Years" value="16.0" /><gender>Both</gender>
<targetEnrolment>90</targetEnrolment><totalFinalEnrolment /></participants>
<trialDesign><studyDesign>Double-blind crossover trial</studyDesign>
<primaryStudyDesign>Interventional</primaryStudyDesign>
<secondaryStudyDesign>Randomised cross over trial</secondaryStudyDesign>
<trialTypes><trialType>Treatment</trialType></trialTypes></trialDesign>
<conditions><condition><description>Hiccup</description></condition></conditions>
</trial><sponsor id="s1"><organisation>A Council</organisation></sponsor>
<sponsor id="s2"><organisation>A Firm</organisation><sponsorType>Industry</sponsorType></sponsor>
<funder id="f1"><name>A Fund</name></funder><funder id="f2"><name>Added 10/12/2010:</name></funder>
</fullTrial></allTrials>"""
EXCHANGE = """<?xml version="1.0" encoding="utf-8"?><trials><trial><main>
<trial_id>ChiCTR2600000002</trial_id><public_title>Waiting</public_title>
<primary_sponsor>A hospital</primary_sponsor><date_registration>2026-01-02</date_registration>
<recruitment_status>Recruiting</recruitment_status><study_type>interventional</study_type>
<phase>2</phase><hc_freetext>Hiccup</hc_freetext><i_freetext>Waiting</i_freetext></main>
<countries><country2>China</country2></countries>
<criteria><inclusion_criteria>Hiccup</inclusion_criteria><agemin>18Y</agemin><gender>Both</gender>
</criteria><primary_outcome><prim_outcome>Relief</prim_outcome></primary_outcome>
<secondary_ids><secondary_id><sec_id>NCT00000001</sec_id></secondary_id></secondary_ids>
</trial></trials>"""
ANZCTR = """<ANZCTR_Trial requestNumber="1"><stage>Registered</stage>
<submitdate>12/01/2024</submitdate>
<actrnumber>ACTRN12624000000001</actrnumber><trial_identification><studytitle>Counting</studytitle>
<scientifictitle>Counting or waiting</scientifictitle><utrn/><secondaryid>Nil known</secondaryid>
<secondaryid>NCT00000001</secondaryid></trial_identification>
<conditions><healthcondition>Hiccup</healthcondition></conditions>
<interventions><interventions>Counting to ten</interventions><comparator>Waiting</comparator>
</interventions><outcomes><primaryOutcome><outcome>Relief</outcome><timepoint>1 hour</timepoint>
</primaryOutcome></outcomes><eligibility><inclusivecriteria>Hiccup</inclusivecriteria>
<inclusiveminage>18</inclusiveminage><inclusiveminagetype>Years</inclusiveminagetype>
<inclusivemaxage>0</inclusivemaxage><inclusivemaxagetype>No limit</inclusivemaxagetype>
<inclusivegender>Both males and females</inclusivegender></eligibility>
<trial_design><studytype>Interventional</studytype>
<allocation>Randomised controlled trial</allocation><assignment>Parallel</assignment>
<phase>Phase 2 / Phase 3</phase></trial_design><recruitment>
<recruitmentstatus>Closed: follow-up complete</recruitmentstatus>
<actualstartdate>5/03/2024</actualstartdate><samplesize>90</samplesize>
<recruitmentcountry>New Zealand</recruitmentcountry></recruitment>
<sponsorship><primarysponsorname>A University</primarysponsorname></sponsorship></ANZCTR_Trial>"""
ANZCTR_SERVICE = """<?xml version="1.0" encoding="UTF-8"?>
<SearchResult responseDate="5/07/2023 2:51 PM"><NumOfActrn>2</NumOfActrn><NumOfNct>0</NumOfNct>
<trial><actrn>ACTRN12624000000001</actrn><utn/><publictitle>Counting</publictitle>
<scientifictitle>Counting or waiting</scientifictitle><trialacronym/><Details><conditions>
<healthcondition>Hiccup</healthcondition><conditioncode><conditioncode1>Other</conditioncode1>
</conditioncode></conditions><studytype>Interventional</studytype>
<InterventionExposure>Counting to ten</InterventionExposure><Comparison>Waiting</Comparison>
<OutcomeMeasures><OutcomeMeasure><Outcome>Relief</Outcome><Timepoint>1 hour</Timepoint>
</OutcomeMeasure><Purpose>Diagnosis</Purpose><Phase>Phase 2 / Phase 3</Phase>
<briefsummary>Why.</briefsummary><recruitment><recruitmentstatus>Recruiting</recruitmentstatus>
<anticipatedstartdate>14/06/2024</anticipatedstartdate><anticipatedenddate/>
<samplesize>90</samplesize><recruitmentstate>NSW,VIC</recruitmentstate>
<hospital>A House - East campus - Clayton</hospital><hospital/><postcode>2000</postcode>
<countrysoutsideaustralia><countryoutsideaustralia><country>New Zealand</country>
<state>Auckland</state></countryoutsideaustralia><countryoutsideaustralia><country/><state/>
</countryoutsideaustralia></countrysoutsideaustralia></recruitment>
<eligibility><inclusivecriteria>Hiccup</inclusivecriteria><inclusiveminage>18</inclusiveminage>
<inclusiveminagetype>Years</inclusiveminagetype><inclusivemaxage/>
<inclusivemaxagetype>No limit</inclusivemaxagetype>
<inclusivegender>Both males and females</inclusivegender><healthyvolunteer>No</healthyvolunteer>
<exclusivecriteria>Sneezing</exclusivecriteria></eligibility><FundingSponsors>
<primarysponsortype>University</primarysponsortype>
<primarysponsorname>A University</primarysponsorname><secondarysponsors><secondarysponsor>
<type>None</type><name/></secondarysponsor></secondarysponsors><fundingsources><fundingsource>
<fundingtype>Commercial sector/Industry</fundingtype><fundingname>A Firm</fundingname>
</fundingsource><fundingsource><fundingtype>University</fundingtype>
<fundingname>A University</fundingname></fundingsource></fundingsources></FundingSponsors>
<Contacts><Enquiry><title>Dr</title><name>A. Person</name><phone>1</phone><email>a@b.example</email>
<type>Public Queries</type></Enquiry><Enquiry><title>Prof</title><name>B. Person</name>
<type>Principal Investigator</type></Enquiry></Contacts>
<lastupdatedon>10/02/2025</lastupdatedon></OutcomeMeasures></Details></trial>
<trial><actrn>ACTRN12624000000002</actrn><publictitle>Waiting</publictitle><Details>
<OutcomeMeasures><Phase>Not Applicable</Phase><recruitment><recruitmentstate>NSW,VIC
</recruitmentstate><hospital/></recruitment></OutcomeMeasures></Details></trial>
<trial><nctid>NCT00000009</nctid></trial></SearchResult>"""
DRKS = {
    "drksId": "DRKS00000001",
    "lastUpdate": "2025-12-17",
    "recruitment": {
        "status": "RECRUITING", "gender": "FEMALE", "plannedParticipants": 12,
        "minimumAge": {"amount": 18, "unit": "YEARS"},
        "maximumAge": {"amount": None, "unit": "NO_MAX_AGE"},
        "countries": [{"idCountry": {"code": "DE"}}],
        "institutes": [{"city": "Bonn", "name": "A clinic"}],
        "recruitmentDescriptions": [
            {"idLocale": {"locale": "de"}, "inclusionCriteria": "Schluckauf"},
            {"idLocale": {"locale": "en"}, "inclusionCriteria": "Hiccup"},
        ],
    },
    "secondaryIds": {"eudraCtNumber": "2019-000001-11"},
    "studyCharacteristic": {"type": "INTERVENTIONAL", "phase": "II"},
    "studiedHealthConditions": [
        {"studiedHealthConditionDescriptions": [
            {"comment": "Hiccup", "idLocale": {"locale": "en"}}]}
    ],
    "trialContacts": [
        {"idContactIdType": {"type": "PRIMARY_SPONSOR"}, "contact": {"affiliation": "A clinic"}}
    ],
    "trialDescriptions": [
        {"idLocale": {"locale": "de"}, "title": "Zählen"},
        {"idLocale": {"locale": "en"}, "title": "Counting"},
    ],
}  # fmt: skip
DRKS_CSV = """drksId;title;startDate;studyEnd;targetSize;recruitmentStatus;intervention.category0;\
intervention.value0;address.type0;address.affiliation0
DRKS00000002;Waiting;2010-03-01;2015-12-11;55;Recruiting complete, follow-up complete;Arm 1;\
Wait<br/>long;Primary Sponsor;A clinic
"""
FHIR = {
    "resourceType": "Bundle",
    "entry": [
        {"fullUrl": "urn:1", "resource": {
            "resourceType": "ResearchStudy", "title": "Counting",
            "status": "active-but-not-recruiting",
            "identifier": [{"value": "NCT00000001"}, {"value": "2019-000001-11"}],
            "phase": {"coding": [{"code": "phase-2"}]},
            "condition": [{"text": "Hiccup"}], "period": {"start": "2024-01", "end": "2025"},
            "sponsor": {"display": "A University"}}},
        {"fullUrl": "urn:2", "resource": {"resourceType": "Patient"}},
    ],
}  # fmt: skip
AACT = {
    "studies.txt": "nct_id|start_month_year|start_date|overall_status|study_type|brief_title|phase"
    "|enrollment|enrollment_type|last_update_posted_date\nNCT00000001|2024-01|2024-01-31|Recruiting"
    "|Interventional|Counting|Phase 2/Phase 3|70|Anticipated|2025-02-03\n",
    "brief_summaries.txt": "id|nct_id|description\n"
    '1|NCT00000001|"First line.~* about ~10 of ~ 20~1. Listed|piped"\n',
    "conditions.txt": "id|nct_id|name\n1|NCT00000001|Hiccup\n2|NCT00000009|Gout\n"
    "3|NCT00000001|Sneeze\n",
    "sponsors.txt": "nct_id|agency_class|lead_or_collaborator|name\n"
    "NCT00000001|OTHER|lead|A University\n",
    "eligibilities.txt": 'nct_id|gender|minimum_age|maximum_age|criteria\nNCT00000001|All|18 Years'
    '|N/A|"Inclusion:~~* Hiccup"\n',
    "facilities.txt": "nct_id|status|name|city|country|latitude|longitude\n"
    "NCT00000001|Recruiting|A House|Bern|Switzerland|46.95|7.45\n",
}  # fmt: skip
JRCT = """<!DOCTYPE html><html><body><table>
<tr><th>Date of registration</th><td>Aug. 06, 2019</td></tr>
<tr><th>Trial ID</th><td>jRCT2080000001</td></tr><tr><th>Public Title</th><td>Counting</td></tr>
<tr><th>Recruitment Status</th><td>Recruiting</td></tr><tr><th>Phase</th><td>3</td></tr>
<tr><th>Date of First Enrolment</th><td>Oct. 01, 2019</td></tr>
<tr><td>Generic name etc : Water</td></tr><tr><td>Generic name etc : -</td></tr>
<tr><th>Secondary ID No.</th><td>NCT00000001</td></tr>
<tr><th>Countries / Regions of Recruitment</th><td>Japan/Europe</td></tr></table></body></html>"""


def records_of(path: Path, name: str, text: str) -> list[Record]:
    """Write a file, and read what it holds."""
    (path / name).write_text(text, "utf-8")
    found = list(raw_records(path / name))
    assert not any(raw.trouble for raw in found)
    return [read_record(raw.data) for raw in found]


def others(record: Record) -> list[str | None]:
    return [number.value for number in record.secondary_numbers]


def test_a_csv_of_clinicaltrials_gov(tmp_path: Path) -> None:
    (record,) = records_of(tmp_path, "ctg-studies.csv", CTGOV_CSV)
    assert (record.number, record.title.value) == ("NCT00000001", "Hiccup, counted")
    assert record.status.value == "ACTIVE_NOT_RECRUITING"
    assert [phase.value for phase in record.phases] == ["PHASE2", "PHASE3"]
    assert [item.type.value for item in record.interventions] == ["DRUG", "OTHER"]
    assert (record.design.allocation.value, record.design.masking.value) == ("RANDOMIZED", "DOUBLE")
    assert [group.value for group in record.eligibility.age_groups] == ["ADULT", "OLDER_ADULT"]
    assert (record.sponsor_number.value, others(record)) == ("058/10", ["2019-000001-11"])
    assert [place.country.value for place in record.locations] == ["Switzerland"]
    assert [one.name.value for one in record.collaborators] == ["B Fund", "C Fund"]
    assert record.copy.short


def test_ris_of_clinicaltrials_gov_and_of_a_reference_manager(tmp_path: Path) -> None:
    first, second = records_of(tmp_path, "ctg-studies.ris", RIS)
    assert (first.number, first.title.value) == ("NCT00000002", "Sneeze stopped")
    assert (first.status.value, first.summary.value) == ("RECRUITING", "A summary that goes on")
    assert first.official_title.value == "How a sneeze is stopped"
    assert first.sponsor_number.value == "2020-A1" and others(first) == ["2019-000001-11"]
    assert (second.number, second.official_title.value) == ("NCT00000003", None)
    (tmp_path / "other.ris").write_text("TY  - JOUR\nTI  - Of a trial elsewhere\nER  - \n")
    (foreign,) = raw_records(tmp_path / "other.ris")
    with pytest.raises(UnreadableError, match="names none"):
        read_record(foreign.data)


def test_a_csv_of_the_whos_portal(tmp_path: Path) -> None:
    (record,) = records_of(tmp_path, "ictrp.csv", ICTRP_CSV)
    assert (record.number, record.register) == ("ChiCTR2600000001", Register.CHICTR)
    assert record.enrolment.count.value == 25
    assert [phase.value for phase in record.phases] == ["PHASE2", "PHASE3"]
    assert record.eligibility.sex.value == "ALL"


def test_full_details_of_the_eu_register(tmp_path: Path) -> None:
    spain, germany = records_of(tmp_path, "trials-full.txt", EUCTR_FULL)
    assert [spain.number, germany.number] == ["2019-000001-11-ES", "2019-000001-11-DE"]
    assert spain.official_title.value == "Counting against hiccup"
    assert spain.sponsor.name.value == "A University" and others(spain) == ["NCT00000001"]
    assert spain.eligibility.criteria.value == (
        "Inclusion Criteria:\n\n1. Hiccup: for a day\n2. Consent\nA patient may sneeze\n\n"
        "Exclusion Criteria:\n\nGout"
    )
    assert spain.eligibility.maximum_age.value and spain.eligibility.maximum_age.value.years == 11
    assert (spain.eligibility.sex.value, spain.enrolment.count.value) == ("FEMALE", 40)
    assert [place.country.value for place in spain.locations] == ["Spain"]
    assert [item.name.value for item in spain.interventions] == ["Water"]
    assert str(spain.start.date.value) == "2020-05-18"


def test_a_summary_of_the_eu_register(tmp_path: Path) -> None:
    (record,) = records_of(tmp_path, "trials-summary.txt", EUCTR_SUMMARY)
    assert (record.number, record.status.value) == ("2010-018900-10", "Ongoing")
    assert record.eligibility.minimum_age.value and record.eligibility.minimum_age.value.years == 18
    assert (record.sponsor.name.value, record.eligibility.sex.value) == ("A Laboratory", "ALL")


def test_xml_of_isrctn(tmp_path: Path) -> None:
    (record,) = records_of(tmp_path, "isrctn.xml", ISRCTN)
    assert (record.number, record.title.value) == ("ISRCTN00000001", "Counting")
    assert others(record) == ["NCT00000001", "77"]
    assert [place.country.value for place in record.locations] == ["Spain", "Peru"]
    relief, sleep = record.outcomes
    parts = (relief.measure.value, relief.description.value, relief.time_frame.value)
    assert parts == ("Relief", "Bell", "1 hour")
    assert sleep.measure.value == "Sleep", "as older records have it, in one text"
    assert record.sponsor.name.value == "A Council"
    told = [(one.name.value, one.sponsor_class.value) for one in record.collaborators]
    assert told == [("A Firm", "INDUSTRY"), ("A Fund", None)]
    assert str(record.last_update_posted.date.value) == "2026-09-08"
    lowest = record.eligibility.minimum_age.value
    assert lowest and lowest.years == 16, "the limit stands in an attribute; the group says 18"
    assert (record.enrolment.count.value, record.enrolment.type.value) == (90, "ESTIMATED")
    assert built(record) == ("RANDOMIZED", "CROSSOVER", "DOUBLE", "TREATMENT")


def built(record: Record) -> tuple[str | None, ...]:
    design = record.design
    facts = (design.allocation, design.intervention_model, design.masking, design.purpose)
    return tuple(fact.value for fact in facts)


LINE = "<studyDesign>Double-blind crossover trial</studyDesign>"


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        # As the register has them since 2025.
        (
            """<interventionalTrialDesign><allocation>Non-randomized controlled trial</allocation>
            <masking>Open (masking not used)</masking><assignment>Parallel</assignment>
            <purposes><purpose>Supportive care</purpose></purposes></interventionalTrialDesign>""",
            ("NON_RANDOMIZED", "PARALLEL", "NONE", "SUPPORTIVE_CARE"),
        ),
        (
            """<interventionalTrialDesign><masking>Blinded (masking used)</masking>
            <purposes><purpose>Treatment</purpose><purpose>Prevention</purpose></purposes>
            </interventionalTrialDesign>""",
            ("RANDOMIZED", "CROSSOVER", "Blinded (masking used)", "Treatment, Prevention"),
        ),
        # As it had them before, in one line, beside which "randomised cross over" stands.
        ("<studyDesign>Open-label trial</studyDesign>", ("RANDOMIZED", "CROSSOVER", "NONE")),
        ("<studyDesign>Non-blinded trial</studyDesign>", ("RANDOMIZED", "CROSSOVER", "NONE")),
        (
            "<studyDesign>Both open-label and placebo-controlled</studyDesign>",
            ("RANDOMIZED", "CROSSOVER", None),
        ),
        (
            "<studyDesign>Non-randomised parallel, single-blind</studyDesign>",
            (None, None, "SINGLE"),
        ),
    ],
)
def test_how_a_trial_of_isrctn_is_built(
    tmp_path: Path, line: str, expected: tuple[str | None, ...]
) -> None:
    (record,) = records_of(tmp_path, "isrctn.xml", ISRCTN.replace(LINE, line))
    assert built(record)[: len(expected)] == expected


def test_what_an_observational_trial_of_isrctn_is(tmp_path: Path) -> None:
    text = ISRCTN.replace("Interventional<", "Observational<")
    (record,) = records_of(tmp_path, "isrctn.xml", text.replace(
        "Randomised cross over trial", "Case-control study"
    ))  # fmt: skip
    assert record.design.observational_model.value == "CASE_CONTROL"
    assert built(record) == (None, None, None, None)


def test_isrctns_final_number_of_participants_is_counted(tmp_path: Path) -> None:
    told = ISRCTN.replace(
        "<totalFinalEnrolment />", "<totalFinalEnrolment>88</totalFinalEnrolment>"
    )
    (record,) = records_of(tmp_path, "isrctn.xml", told)
    assert (record.enrolment.count.value, record.enrolment.type.value) == (88, "ACTUAL")
    (record,) = records_of(tmp_path, "isrctn.xml", told.replace(">88<", ">0<"))
    assert record.enrolment.count.value == 90


# ChiCTR's own files have "Triall".
CHICTR = EXCHANGE.replace("<trial>", "<Triall>").replace("</trial>", "</Triall>")


@pytest.mark.parametrize("text", [EXCHANGE, EXCHANGE.replace("<trials>", "<root><trials>"), CHICTR])
def test_the_whos_exchange_form(tmp_path: Path, text: str) -> None:
    (record,) = records_of(tmp_path, "chictr.xml", text)
    assert (record.number, record.status.value) == ("ChiCTR2600000002", "RECRUITING")
    assert [item.measure.value for item in record.outcomes] == ["Relief"]
    assert others(record) == ["NCT00000001"]


@pytest.mark.parametrize("number", ["ChiCTR2600000002", "jRCTs031200001", "RBR-6y7bkk"])
def test_a_number_with_small_letters_is_found_in_any(tmp_path: Path, number: str) -> None:
    path = tmp_path / "trials.xml"
    path.write_text(EXCHANGE.replace("ChiCTR2600000002", number))
    add(tmp_path / "library", raw_records(path))
    library = Library(tmp_path / "library")
    for written in (number, number.upper(), number.lower(), f" {number} "):
        assert library.record(written).number == number
        assert [hit.nct for hit in search(library, written).hits] == [number]


def test_xml_of_anzctr(tmp_path: Path) -> None:
    (record,) = records_of(tmp_path, "anzctr.xml", ANZCTR)
    assert (record.number, record.status.value) == ("ACTRN12624000000001", "COMPLETED")
    assert others(record) == ["NCT00000001"]
    assert [phase.value for phase in record.phases] == ["PHASE2", "PHASE3"]
    assert record.outcomes[0].time_frame.value == "1 hour"
    assert str(record.start.date.value) == "2024-03-05"
    assert record.eligibility.maximum_age.given.value == "N/A"


def test_the_answer_of_anzctrs_web_service(tmp_path: Path) -> None:
    (tmp_path / "service.xml").write_text(ANZCTR_SERVICE)
    first, second, foreign = raw_records(tmp_path / "service.xml")
    record = read_record(first.data)
    assert (record.number, record.register) == ("ACTRN12624000000001", Register.ANZCTR)
    assert (record.title.value, record.status.value) == ("Counting", "RECRUITING")
    assert [condition.value for condition in record.conditions] == ["Hiccup"]
    assert [item.name.value for item in record.interventions] == ["Counting to ten", "Waiting"]
    assert [phase.value for phase in record.phases] == ["PHASE2", "PHASE3"]
    assert record.design.purpose.value == "DIAGNOSTIC"
    assert record.outcomes[0].time_frame.value == "1 hour"
    assert (str(record.start.date.value), record.start.type.value) == ("2024-06-14", "ESTIMATED")
    assert (record.enrolment.count.value, record.enrolment.type.value) == (90, "ESTIMATED")
    assert record.eligibility.maximum_age.given.value == "N/A"
    assert record.eligibility.criteria.value == (
        "Inclusion Criteria:\n\nHiccup\n\nExclusion Criteria:\n\nSneezing"
    )
    assert [
        (place.facility.value, place.city.value, place.state.value, place.country.value)
        for place in record.locations
    ] == [
        ("A House - East campus", "Clayton", None, "Australia"),
        (None, None, "Auckland", "New Zealand"),
    ]
    assert record.sponsor.name.value == "A University"
    assert [(c.name.value, c.sponsor_class.value) for c in record.collaborators] == [
        ("A Firm", "INDUSTRY")
    ]
    assert [person.name.value for person in record.officials] == ["Prof B. Person"]
    assert [person.email.value for person in record.contacts] == ["a@b.example"]
    assert str(record.last_update_posted.date.value) == "2025-02-10"
    assert record.copy.short
    states = read_record(second.data)
    assert [place.state.value for place in states.locations] == ["NSW", "VIC"]
    assert states.phases.given.value == "N/A"
    with pytest.raises(UnreadableError):
        read_record(foreign.data)


def test_json_and_csv_of_drks(tmp_path: Path) -> None:
    (record,) = records_of(tmp_path, "drks.json", orjson.dumps([DRKS]).decode())
    assert (record.number, record.title.value) == ("DRKS00000001", "Counting")
    assert record.eligibility.criteria.value == "Inclusion Criteria:\n\nHiccup"
    assert [(p.city.value, p.country.value) for p in record.locations] == [("Bonn", "Germany")]
    assert (record.enrolment.count.value, others(record)) == (12, ["2019-000001-11"])
    (row,) = records_of(tmp_path, "drks.csv", DRKS_CSV)
    assert (row.number, row.status.value) == ("DRKS00000002", "COMPLETED")
    assert [item.name.value for item in row.interventions] == ["Wait long"]


def test_research_studies_of_fhir(tmp_path: Path) -> None:
    (tmp_path / "bundle.json").write_bytes(orjson.dumps(FHIR))
    study, person = raw_records(tmp_path / "bundle.json")
    record = read_record(study.data)
    assert (record.number, record.status.value) == ("NCT00000001", "ACTIVE_NOT_RECRUITING")
    assert [phase.value for phase in record.phases] == ["PHASE2"]
    assert (record.sponsor.name.value, others(record)) == ("A University", ["2019-000001-11"])
    with pytest.raises(UnreadableError, match="Patient"):
        read_record(person.data)


@pytest.mark.parametrize("kind", ["folder", "zip"])
def test_tables_of_aact_are_joined(tmp_path: Path, kind: str) -> None:
    if kind == "zip":
        path = tmp_path / "aact.zip"
        with zipfile.ZipFile(path, "w") as archive:
            for name, text in AACT.items():
                archive.writestr(name, text)
    else:
        path = tmp_path / "aact"
        path.mkdir()
        for name, text in AACT.items():
            (path / name).write_text(text)
    (raw,) = raw_records(path)
    record = read_record(raw.data)
    assert (record.number, record.status.value) == ("NCT00000001", "RECRUITING")
    assert [condition.value for condition in record.conditions] == ["Hiccup", "Sneeze"]
    assert str(record.start.date.value) == "2024-01"
    assert record.enrolment.type.value == "ESTIMATED"
    assert record.eligibility.criteria.value == "Inclusion:\n\n* Hiccup"
    assert record.summary.value == "First line.\n* about ~10 of ~ 20\n1. Listed|piped"
    assert [place.latitude.value for place in record.locations] == [46.95]


def test_a_saved_page_of_jrct(tmp_path: Path) -> None:
    (record,) = records_of(tmp_path, "jrct.html", JRCT)
    assert (record.number, record.register) == ("jRCT2080000001", Register.JPRN)
    assert [item.name.value for item in record.interventions] == ["Water"]
    assert [place.country.value for place in record.locations] == ["Japan", "Europe"]
    assert str(record.start.date.value) == "2019-10-01"


def test_a_short_copy_never_stands_before_the_record_itself(tmp_path: Path) -> None:
    whole = {
        "protocolSection": {
            "identificationModule": {"nctId": "NCT00000001", "briefTitle": "The record"},
            "statusModule": {"lastUpdateSubmitDate": "2010-01-01"},
        }
    }
    (tmp_path / "whole.json").write_bytes(orjson.dumps(whole))
    (tmp_path / "table.csv").write_text(CTGOV_CSV, "utf-8")
    for order in (("whole.json", "table.csv"), ("table.csv", "whole.json")):
        library = tmp_path / order[0].partition(".")[0]
        for name in order:
            add(library, raw_records(tmp_path / name))
        assert Library(library).record("NCT00000001").title.value == "The record"


@pytest.mark.parametrize(
    ("name", "content", "why"),
    [
        ("paper.pdf", b"%PDF-1.7 text", "a PDF"),
        ("notes.txt", b"Trials of hiccup", "no form of a register's records"),
        ("conditions.txt", b"id|nct_id|name\n1|NCT00000001|Hiccup\n", "a table of AACT"),
        ("page.html", b"<html><body>Hello</body></html>", "a web page"),
        ("list.xml", b"<trials><trial/></trials>", "no <trial>"),
        ("row.csv", b"NCT Number,Title\nNCT1,One\n", "NCT01234567"),
        ("row.csv", b"NCT Number,Title\nNCT00000001,One,Two\n", "more cells"),
        ("study.json", b'{"resourceType": "ResearchStudy"}', "FHIR"),
        ("drks.json", b'{"drksId": "5"}', "DRKS"),
        ("base.db", b"SQLite format 3\x00 and so on", "SQLite"),
        ("eu.txt", b"EudraCT Number: none\n", "no EudraCT number"),
        ("cut.xml", b"<allTrials><fullTrial><trial>", "breaks off"),
    ],
)
def test_what_is_not_read_is_said_and_kept(
    tmp_path: Path, name: str, content: bytes, why: str
) -> None:
    (tmp_path / name).write_bytes(content)
    (tmp_path / "good.csv").write_text(CTGOV_CSV, "utf-8")
    library = tmp_path / "library"
    done = CliRunner().invoke(
        app,
        ["registry", "add", str(tmp_path / name), str(tmp_path / "good.csv"),
         "--library", str(library)],
    )  # fmt: skip
    assert done.exit_code == 1
    assert why in done.output and name in done.output
    assert "1 new trials" in done.output
    assert len((library / "quarantine.ndjson").read_bytes().splitlines()) == 1


def test_a_workbook_is_told_from_a_zip(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "trials.xlsx", "w") as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
    (raw,) = raw_records(tmp_path / "trials.xlsx")
    assert "Excel" in raw.trouble and "CSV" in raw.trouble
