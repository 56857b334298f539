"""`trialwright safety`: what is wrong in a file ends in a sentence; the rule is read from data."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

import trialwright.demonstration
from trialwright.cli import app
from trialwright.demonstration.protocol import FILE

PROTOCOL_FILE = Path(trialwright.demonstration.__file__).parent / FILE
HEAD = "ctcae,test,unit,value,low,high,baseline,baseline_high\n"


def run(*arguments: object) -> tuple[int, str, str]:
    done = CliRunner().invoke(app, ["safety", *(str(each) for each in arguments)])
    return done.exit_code, done.stdout, done.stderr


def write(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("row", "why"),
    [
        ("6.0,ALT,furlong,60,6,40,30,40", "The unit furlong is not known for ALT."),
        ("6.0,XYZ,U/L,60,6,40,30,40", "CTCAE 6.0 has no criterion here for the test XYZ."),
        ("7.0,ALT,U/L,60,6,40,30,40", "CTCAE 7.0 is not known here; known are 5.0, 6.0."),
        ("6.0,ALT,U/L,<5,6,40,30,40", "value is <5, which is no number."),
        ("6.0,ALT,U/L,,6,40,30,40", "The value is missing."),
        ("6.0,ALT,U/L,100,6,,30,40", "The upper limit of the range is missing."),
        ("6.0,ALT,U/L,100,6,40,30,", "The upper limit of the baseline's own range is missing"),
        ("5.0,GLUC,mmol/L,9,4,6,,", "version 5.0 grades it by what was done about it."),
        ("6.0,HGB,g/L,120,,150,,", "The lower limit of the range is missing."),
    ],
)
def test_what_cannot_be_graded_has_no_grade_and_says_why(
    tmp_path: Path, row: str, why: str
) -> None:
    code, out, _ = run("grade", write(tmp_path, "lab.csv", HEAD + row), "--json")
    (told,) = json.loads(out)
    assert (code, told["grade"]) == (0, None) and told["why"].startswith(why)


@pytest.mark.parametrize(
    ("row", "grade"),
    [
        # Far out it needs no range; a baseline of which nothing is known makes no difference here.
        ("6.0,HGB,g/L,70,,,,", 3),
        ("5.0,ALT,U/L,20,6,40,30,", 0),
        ("6.0,ALP,U/L,120,35,110,115,110", 1),
        ("6.0,ALP,U/L,112,35,110,115,110", 0),
        ("6.0,HGB,g/dL,18,11.5,15,,", 2),
        ("6.0,PLAT,×10⁹/L,15,130,400,250,400", 3),
        ("5.0,FIBRINO,g/L,1.4,2,4,3,4", 3),
        ("6.0,WBC,10*3/uL,120,4,10,,", 3),
        ("5.0,TRIG,mmol/L,1.71,0.3,1.7,,", 1),
    ],
)
def test_grades_at_the_edges(tmp_path: Path, row: str, grade: int) -> None:
    """CTCAE: 1.4 of 3.0 is 53 % less than the baseline and below 0.75 x LLN."""
    _, out, _ = run("grade", write(tmp_path, "lab.csv", HEAD + row), "--json")
    assert json.loads(out)[0]["grade"] == grade


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("grade", "ctcae,test\n5.0,ALT\n", "lacks the column unit, value"),
        ("grade", HEAD + "5.0,ALT\n", "line 2: 2 values under 8 columns"),
        ("clocks", "zone,zone\na,b\n", "names the column ZONE twice"),
        ("clocks", "", "is empty"),
    ],
)
def test_a_file_of_another_shape_is_refused(
    tmp_path: Path, name: str, text: str, said: str
) -> None:
    code, _, err = run(name, write(tmp_path, "file.csv", text))
    assert code == 2 and said in err


@pytest.mark.parametrize(
    ("row", "why"),
    [
        ("Asia/Peking,2026-01-30T23:50+08:00,7 days", "Asia/Peking is no time zone."),
        ("Asia/Shanghai,2026-01-30,7 days", "2026-01-30 is no moment."),
        ("Asia/Shanghai,2026-01-30T23:50,7 working days", "7 working days is no period."),
        ("Asia/Shanghai,2026-01-30T23:50,0 days", "0 days is no period."),
        ("Europe/Berlin,2026-03-29T02:30,24 hours", "2026-03-29 02:30 does not exist"),
    ],
)
def test_a_clock_that_cannot_be_reckoned_says_why(tmp_path: Path, row: str, why: str) -> None:
    _, out, _ = run("clocks", write(tmp_path, "c.csv", f"zone,known_at,period\n{row}\n"), "--json")
    (told,) = json.loads(out)
    assert told["due"] is None and told["why"].startswith(why)


def study(folder: Path, events: str) -> Path:
    dm = [
        "USUBJID,ARM,RFXSTDTC,RFPENDTC",
        *(f"A{n},hAECs on amnion,2026-01-01,2026-03-01" for n in range(3)),
        *(f"A{n},hAECs on amnion,2026-02-25,2026-03-01" for n in range(3, 6)),
        "B1,Amnion alone,2026-01-01,2026-03-01",
    ]
    write(folder, "dm.csv", "\n".join(dm))
    write(folder, "ae.csv", "USUBJID,AESEQ,AEDECOD,AESTDTC,STOPS\n" + events)
    return folder


def test_the_protocols_rule_is_read_on_data_once_told_the_column(tmp_path: Path) -> None:
    """G31: counting evaluable, 2 of 4 hold (bound 2); counting treated, 2 of 6 would not."""
    data = study(
        tmp_path, "A0,1,Fever,2026-01-05,Y\nA4,1,Fever,2026-02,Y\nB1,1,Fever,2026-01-02,Y\n"
    )
    code, _, err = run("rule", PROTOCOL_FILE, "--data", data)
    assert code == 2 and "Say which column of AE answers it" in err
    code, out, _ = run("rule", PROTOCOL_FILE, "--data", data, "--column", "STOPS", "--json")
    arm = next(each for each in json.loads(out) if each["group"] == "amnion_haec")
    assert code == 0
    assert (arm["treated"], arm["evaluable"], arm["events"], arm["hold_at"]) == (6, 4, 2, 2)
    assert arm["holds"] and arm["sentence"].endswith("the rule holds at 2.")
    # The control is in no rule.
    together = next(each for each in json.loads(out) if each["group"] == "all")
    assert (together["events"], together["counted"]) == (2, 4)


def test_an_event_outside_the_window_or_of_an_unknown_arm(tmp_path: Path) -> None:
    data = study(tmp_path, "A0,1,Fever,2026-02-15,Y\n")
    _, out, _ = run("rule", PROTOCOL_FILE, "--data", data, "--column", "STOPS", "--json")
    assert {each["events"] for each in json.loads(out)} == {0}
    code, _, err = run("rule", PROTOCOL_FILE, "--data", data, "--column", "NOT_THERE")
    assert code == 2 and "AE has no column NOT_THERE" in err
    write(tmp_path, "dm.csv", "USUBJID,ARM,RFXSTDTC\nA0,Placebo,2026-01-01\n")
    code, _, err = run("rule", PROTOCOL_FILE, "--data", data, "--column", "STOPS")
    assert code == 2 and '--arm "Placebo=KEY"' in err
    told = ["--arm", "Placebo=amnion_alone"]
    assert run("rule", PROTOCOL_FILE, "--data", data, "--column", "STOPS", *told)[0] == 0


@pytest.mark.parametrize(
    ("file", "text", "said"),
    [
        ("ae.csv", "USUBJID,AESEQ\nNOBODY,1\n", "AE has a line of NOBODY, who is not in DM"),
        ("dm.csv", "USUBJID,ARM\nA,x\nA,x\n", "DM has A more than once"),
        ("ae.csv", "DOMAIN,USUBJID\nCM,A\n", "line 2: the domain is CM, not AE"),
        ("ae.xpt", "not a transport file", "ae.csv, ae.xpt"),
    ],
)
def test_data_that_do_not_fit_together_are_refused(
    tmp_path: Path, file: str, text: str, said: str
) -> None:
    write(tmp_path, "dm.csv", "USUBJID,ARM,RFXSTDTC\nA,x,2026-01-01\n")
    write(tmp_path, "ae.csv", "USUBJID,AESEQ\nA,1\n")
    write(tmp_path, file, text)
    code, _, err = run("tables", tmp_path)
    assert code == 2 and said in err


def test_tables_print_in_every_form(tmp_path: Path) -> None:
    write(tmp_path, "DM.csv", "USUBJID,ARM,RFXSTDTC\nA,x <y>,2026-01-01\nB,z,\n")
    write(tmp_path, "ae.csv", "USUBJID,AESEQ,AETOXGR,AESTDTC\nA,1,3,2026\nB,1,2,2026-01-02\n")
    lb = "USUBJID,LBTESTCD,LBSTRESN,LBSTNRLO,LBSTNRHI,LBBLFL,LBDTC\nA,ALT,50,6,40,,2026-01-05\n"
    write(tmp_path, "lb_some.csv", lb)
    assert "x &lt;y&gt; (n = 1)" in run("tables", tmp_path, "--format", "html")[1]
    assert "events,emergent,x <y>,1,1,1" in run("tables", tmp_path, "--format", "csv")[1]
    assert (
        "laboratory shift,ALT: missing to high,x <y>,1,,1"
        in run("tables", tmp_path, "--format", "csv")[1]
    )
    assert "worst severity" in run("tables", tmp_path)[1]
    # B was not treated: seen, and in no denominator.
    assert "events,any event,(not treated),1,1,0" in run("tables", tmp_path, "--format", "csv")[1]
