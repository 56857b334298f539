"""Readers: every form and container of a register's records, whole or damaged."""

import gzip
import io
import json
import tarfile
import zipfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from trialwright.registry.readers.detect import read_record
from trialwright.registry.readers.errors import UnreadableError
from trialwright.registry.readers.files import raw_records
from trialwright.registry.record.record import Record, Register
from trialwright.registry.record.values import Given

XML = b"""<clinical_study>
  <id_info><org_study_id>S-1</org_study_id><nct_id>NCT00000009</nct_id></id_info>
  <brief_title>A &lt;b&gt; trial</brief_title>
  <overall_status>Active, not recruiting</overall_status>
  <start_date type="Anticipated">July 2004</start_date>
  <phase>Phase 1/Phase 2</phase>
  <study_type>Interventional</study_type>
  <study_design_info><masking>Double (Participant, Outcomes Assessor)</masking></study_design_info>
  <enrollment type="Actual">33</enrollment>
  <condition>Asthma</condition><condition>Cough</condition>
  <eligibility><criteria><textblock>
     Inclusion Criteria:&#xD;
&#xD;
      -  has asthma that was confirmed by&#xD;
         a doctor&#xD;
  </textblock></criteria><minimum_age>N/A</minimum_age></eligibility>
  <arm_group><arm_group_label>One</arm_group_label></arm_group>
  <arm_group><arm_group_label>Two</arm_group_label></arm_group>
</clinical_study>"""


def v2(number: int, title: str = "A title") -> bytes:
    """A small v2 study with this number."""
    identification = {"nctId": f"NCT{number:08d}", "briefTitle": title}
    return json.dumps({"protocolSection": {"identificationModule": identification}}).encode()


STUDIES = [v2(1), v2(2, 'brackets ]}{[ " \\ and "studies": ['), v2(3, "哮喘")]


def as_zip(members: dict[str, bytes]) -> bytes:
    """A zip of these members."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return out.getvalue()


def as_tar(members: dict[str, bytes]) -> bytes:
    """A tar of these members."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        for name, data in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return out.getvalue()


PAGE = b'{"totalCount": 3, "studies": [' + b",\n".join(STUDIES) + b'], "nextPageToken": "x"}'
CONTAINERS: dict[str, bytes] = {
    "ndjson": b"\n".join(STUDIES) + b"\n",
    "ndjson with blank lines and CRLF": b"\r\n\r\n".join(STUDIES),
    "list": b"[" + b", ".join(STUDIES) + b"]",
    "page": PAGE,
    "page, token first": b'{"nextPageToken":"x","studies":[' + b",".join(STUDIES) + b"]}",
    "one after another": b" ".join(STUDIES),
    "pretty list": json.dumps([json.loads(study) for study in STUDIES], indent=2).encode(),
    "zip": as_zip({f"{n}.json": study for n, study in enumerate(STUDIES)}),
    "tar": as_tar({f"{n}.json": study for n, study in enumerate(STUDIES)}),
}
CONTAINERS |= {f"{name}, gz": gzip.compress(data) for name, data in CONTAINERS.items()}
CONTAINERS["zip of gz of a page"] = as_zip({"page.json.gz": gzip.compress(PAGE)})


@pytest.mark.parametrize("name", CONTAINERS)
def test_every_container_gives_the_same_records(name: str, tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(CONTAINERS[name])
    found = list(raw_records(path))
    assert not [raw.trouble for raw in found if raw.trouble]
    assert [json.loads(raw.data) for raw in found] == [json.loads(study) for study in STUDIES]
    assert [read_record(raw.data).number[-1] for raw in found] == ["1", "2", "3"]


def test_a_record_is_cut_out_byte_for_byte_across_chunks(tmp_path: Path) -> None:
    studies = [v2(number, "long " * 50_000 + '\\" end') for number in range(1, 12)]
    path = tmp_path / "list.json"
    path.write_bytes(b"[\n" + b" ,\n".join(studies) + b"\n]")
    assert [raw.data for raw in raw_records(path)] == studies


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"[" + STUDIES[0] + b", " + STUDIES[1][:40], "breaks off"),
        (gzip.compress(b"\n".join(STUDIES))[:-12], "breaks off"),
        (as_zip({"a.json": STUDIES[0]})[:-30], "breaks off"),
    ],
)
def test_a_file_that_breaks_off_says_so_after_what_was_whole(
    data: bytes, words: str, tmp_path: Path
) -> None:
    path = tmp_path / "cut"
    path.write_bytes(data)
    assert words in list(raw_records(path))[-1].trouble


def test_the_old_xml_form_says_the_same_in_the_same_words() -> None:
    record = read_record(XML)
    assert record.title.value == "A <b> trial"
    assert record.status.value == "ACTIVE_NOT_RECRUITING"
    assert (str(record.start.date.value), record.start.type.value) == ("2004-07", "ESTIMATED")
    assert [phase.value for phase in record.phases] == ["PHASE1", "PHASE2"]
    assert record.design.masking.value == "DOUBLE"
    assert [who.value for who in record.design.who_masked] == ["PARTICIPANT", "OUTCOMES_ASSESSOR"]
    assert record.enrolment.count.value == 33
    assert [condition.value for condition in record.conditions] == ["Asthma", "Cough"]
    assert record.conditions[1].at == "/clinical_study/condition[2]"
    assert record.arms[1].label.at == "/clinical_study/arm_group[2]/arm_group_label"
    assert record.eligibility.minimum_age.given is Given.NOT_APPLICABLE
    assert record.eligibility.criteria.value == (
        "Inclusion Criteria:\n\n- has asthma that was confirmed by a doctor"
    )
    assert record.completion.date.given is Given.ABSENT


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        (b"<clinical_study>", "not well-formed"),
        (b"<html><body/></html>", "web page"),
        (b'{"ctrname": "CTIS"}', "EU CT number"),
        (b'{"ctrname": "ISRCTN", "isrctn": 7}', "ISRCTN number"),
        (b'{"study": 7}', "no record of"),
        (b"", "not JSON"),
    ],
)
def test_what_is_no_record_is_refused_with_the_reason(raw: bytes, words: str) -> None:
    with pytest.raises(UnreadableError, match=words):
        read_record(raw)


def test_an_entity_bomb_is_not_expanded() -> None:
    bomb = b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;">]>' + XML.replace(
        b"A &lt;b&gt; trial", b"&b;"
    )
    assert "aaaa" not in (read_record(bomb).title.value or "")


def facts(record: Record) -> dict[str, object]:
    """The facts that both forms of a ClinicalTrials.gov record state."""
    eligibility = record.eligibility
    return {
        "title": record.title.value,
        "sponsor": record.sponsor.name.value,
        "type": record.study_type.value,
        "phases": [phase.value for phase in record.phases],
        "purpose": record.design.purpose.value,
        "allocation": record.design.allocation.value,
        "conditions": [condition.value for condition in record.conditions],
        "interventions": [(i.type.value, i.name.value) for i in record.interventions],
        "arms": [(arm.label.value, arm.type.value) for arm in record.arms],
        "outcomes": [(o.role, o.measure.value) for o in record.outcomes],
        "sex": eligibility.sex.value,
        "minimum age": eligibility.minimum_age.value,
        "maximum age": eligibility.maximum_age.value,
        "locations": len(record.locations),
    }


@pytest.mark.slow
def test_all_real_records_are_read(shared: Path) -> None:
    names = ("studies-v2.ndjson.gz", "legacy-xml.tar.gz", "asherman-studies.ndjson", "other")
    registers: Counter[Register] = Counter()
    for name in names:
        for raw in raw_records(shared / name):
            assert not raw.trouble
            registers[read_record(raw.data).register] += 1
    assert registers == {
        Register.CTGOV: 2511 + 6913 + 36,
        Register.CTIS: 4,
        Register.EUCTR: 4,
        Register.ISRCTN: 9,
    }


@pytest.mark.slow
def test_the_same_trial_in_both_forms_gives_the_same_facts(shared: Path) -> None:
    def by_number(name: str, wanted: Callable[[str], bool]) -> dict[str, Record]:
        found = (read_record(raw.data) for raw in raw_records(shared / name))
        return {record.number: record for record in found if wanted(record.number)}

    new = by_number("studies-v2.ndjson.gz", lambda _: True)
    old = by_number("legacy-xml.tar.gz", new.__contains__)
    assert len(old) == 18
    same_version = {
        number: record
        for number, record in old.items()
        if record.last_update_posted.date.value == new[number].last_update_posted.date.value
    }
    assert len(same_version) >= 10
    differing = {
        (number, key)
        for number, record in same_version.items()
        for key, value in facts(record).items()
        if value != facts(new[number])[key]
    }
    assert differing == set()
