"""Evaluating: every writing of topics and judgements, and measures as trec_eval has them."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from trialwright.cli import app
from trialwright.registry.library.adding import add
from trialwright.registry.library.library import Library
from trialwright.registry.library.sample import sample_bytes
from trialwright.registry.readers.files import RawRecord
from trialwright.registry.search.evaluate import comparable, evaluate, held, measures, ranked
from trialwright.registry.search.judgements import read_qrels, read_topics, topics_beside
from trialwright.registry.search.search import Hit

run = CliRunner()
TWO = {"1": "amniotic cells & Asherman", "2": "platelet rich plasma"}


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Library:
    """The sample."""
    folder = tmp_path_factory.mktemp("library")
    add(folder, [RawRecord(line, "", "") for line in sample_bytes().splitlines()])
    return Library(folder)


def written(folder: Path, name: str, text: str | bytes) -> Path:
    """A file with this text."""
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


TOPICS = {
    "trec.xml": '<?xml version="1.0"?><topics task="2021"><topic number="1">\n amniotic cells &amp;'
    ' Asherman\n</topic><topic number="2">platelet rich plasma</topic></topics>',
    "quotes.xml": "<topics><topic id='1'><![CDATA[amniotic cells & Asherman]]></topic>"
    "<topic id='2'><!-- as PRP -->platelet rich plasma</topic></topics>",
    "old.txt": "<top>\n<num> Number: 1\n<title> amniotic cells &amp; Asherman\n"
    "<desc> Description:\nTrials of cells.\n<narr> Narrative:\nAny.\n</top>\n\n"
    "<top>\n<num> Number: 2 </num>\n<title> Topic: platelet rich plasma </title>\n</top>",
    "fields.xml": '<topics><topic number="1"><disease>amniotic cells</disease><gene>&amp; '
    'Asherman</gene></topic><topic number="2"><field name="a">platelet</field>'
    '<field name="b">rich plasma</field></topic></topics>',
    "queries.xml": '<queries><query id="1">amniotic cells &amp; Asherman</query>'
    '<query id="2">platelet rich plasma</query></queries>',
    "tabs.tsv": "1\tamniotic cells & Asherman\r\n2\tplatelet rich plasma\r\n",
    "headed.tsv": "query_id\tdescription\ttitle\n1\tcells\tamniotic cells & Asherman\n"
    "2\tplasma\tplatelet rich plasma\n",
    "spaces.txt": "1: amniotic cells & Asherman\n\n2. platelet rich plasma\n",
    "map.json": json.dumps(TWO),
    "list.json": json.dumps(
        [{"number": 1, "title": TWO["1"], "narrative": "x"}, {"number": 2, "title": TWO["2"]}]
    ),
    "topics.json": json.dumps({"topics": [{"id": n, "text": text} for n, text in TWO.items()]}),
    "lines.jsonl": "\n".join(
        json.dumps({"_id": name, "text": text, "metadata": {}}) for name, text in TWO.items()
    ),
}


@pytest.mark.parametrize("name", TOPICS)
def test_topics_are_read_as_they_are_written(tmp_path: Path, name: str) -> None:
    for coded in ("utf-8", "utf-8-sig", "utf-16"):
        path = written(tmp_path, name, TOPICS[name].encode(coded))
        assert read_topics(path).searches == TWO


def test_what_is_not_searched_of_a_topic_is_said(tmp_path: Path) -> None:
    said = read_topics(written(tmp_path, "old.txt", TOPICS["old.txt"])).said
    assert said == (
        "old.txt: 2 topics",
        "not searched: desc of 1 topics",
        "not searched: narr of 1 topics",
    )
    twice = written(tmp_path, "twice.tsv", "1\tone\n1\tother\n")
    assert read_topics(twice).said[1] == "left aside: topics given twice: 1"


@pytest.mark.parametrize("text", ["", "<topics></topics>", "[]", "{}", "<topic>no number</topic>"])
def test_a_file_without_topics_says_what_a_topic_is(tmp_path: Path, text: str) -> None:
    with pytest.raises(ValueError, match="no topic in it; a topic is"):
        read_topics(written(tmp_path, "topics", text))


def test_judgements_are_read_and_what_is_left_aside_is_counted(tmp_path: Path) -> None:
    text = (
        "\ufefftopic iteration trial grade\r\n1 0 NCT00000001 2\r\n1\t0\tnct00000002\t-1\r\n"
        "1 0 NCT00000001 2\r\n1 Q0 NCT00000003.xml 0.0\r\n1 0 NCT00000003 1\r\n# a remark\r\n"
        "2 0 NCT00000004 3 1\r\n3 ISRCTN00000005 2\r\n3 0 NCT00000006 high\r\n"
    )
    judged = read_qrels(written(tmp_path, "qrels.txt", text))
    assert judged.grades == {
        "1": {"NCT00000001": 2, "NCT00000002": -1, "NCT00000003": 1},
        "2": {"NCT00000004": 1},
        "3": {"ISRCTN00000005": 2},
    }
    assert judged.said == (
        "qrels.txt: 5 judgements for 3 topics: 1 of grade -1, 2 of grade 1, 2 of grade 2",
        "left aside: 2 lines that are no judgement, first line 1",
        "left aside: 1 judgements said twice",
        "of 1 trials judged twice the higher grade holds",
    )
    with pytest.raises(ValueError, match="a judgement is “topic 0 trial grade”, and line 1 is"):
        read_qrels(written(tmp_path, "qrels.txt", "1 0 NCT03223454\n"))


def test_measures_of_a_ranking_against_those_of_trec_eval() -> None:
    assert measures([], {"a": 1}) == (0.0, 0.0, 0.0)
    assert measures(["a"], {"a": 3}) == (1.0, 1.0, 0.1)
    assert measures(["a"], {"a": 0, "b": -1}) == (0.0, 0.0, 0.0)
    # trec_eval 9 gives ndcg_cut_10 0.4948, recall_100 0.6667 and P_10 0.2: of the three of one
    # score "x" stands before "c" and "a"; grade -1 gains nothing; "gone" was never found.
    hits = [Hit(number, score, {}) for number, score in (("b", 2.0), ("a", 1), ("c", 1), ("x", 1))]
    assert ranked(hits) == ["b", "x", "c", "a"]
    found = measures(ranked(hits), {"a": 2, "b": 1, "c": -1, "gone": 2})
    assert found == pytest.approx((0.49479602, 2 / 3, 0.2))


def test_three_rankings_are_compared_over_every_judged_topic(library: Library) -> None:
    grades = {"1": {"NCT03223454": 2, "NCT99999999": 1}, "2": {"NCT02825849": 0}, "9": {}}
    names, said = comparable([*TWO, "3"], grades)
    assert names == ["1", "2"] and said == [
        "not searched: 1 topics without judgement: 3",
        "left aside: judgements of 1 topics not given: 9",
        "1 topics have no relevant trial and count as 0: 2",
    ]
    found = evaluate(library, TWO, grades)
    assert [item.topics for item in found] == [2, 2, 2] and found[0].ranking == "tuned"
    assert all(item.ndcg_10.low <= item.ndcg_10.mean <= item.ndcg_10.high for item in found)
    assert found[0].recall_100.mean == 0.25
    kept, absent = held(library, grades)
    assert kept == {"1": {"NCT03223454": 2}}
    assert absent[0].startswith("not in the library: 1 of 3 judged trials, with 1 of 2 relevant")
    with pytest.raises(ValueError, match="no topic is judged: topics are called 7, judgements 1"):
        comparable(["7"], grades)


def test_the_command_says_what_it_read_and_left_aside(library: Library, tmp_path: Path) -> None:
    qrels = written(tmp_path, "my-qrels.txt", "1 0 NCT03223454 2\n1 0 NCT99999999 2\n")
    written(tmp_path, "my-topics.tsv", TOPICS["tabs.tsv"])
    assert topics_beside(qrels).name == "my-topics.tsv"
    command = ["registry", "evaluate", str(qrels), "--library", str(library.folder)]
    said = run.invoke(app, command).output
    assert "my-qrels.txt: 2 judgements for 1 topics: 2 of grade 2" in said
    assert "not in the library: 1 of 2 judged trials" in said
    assert "recall_100    0.500" in said
    answer = run.invoke(app, [*command, "--held-only", "--json"]).stdout
    assert json.loads(answer)[0]["recall_100"]["mean"] == 1.0


def test_topics_of_templates_keep_the_disease_and_the_names_of_fields(tmp_path: Path) -> None:
    path = tmp_path / "topics.xml"
    path.write_text(
        '<topics><topic number="1" template="hiccup"><field name="duration in days">12</field>'
        '<field name="hiccups at night">yes</field></topic></topics>'
    )
    assert read_topics(path).searches == {"1": "hiccup duration in days: 12 hiccups at night: yes"}
