"""A sentence is written once, with places, and told in the language asked for."""

import pickle
from pathlib import Path

import polib
import pytest

from trialwright.messages import Message, catalogue, either, sentences, several
from trialwright.protocol.basics import Text


@pytest.fixture
def chinese(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> polib.POFile:
    """A catalogue of the test's own; what is added to it before the first telling is translated."""
    folder = tmp_path / "zh_Hans" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    po = polib.POFile()
    po.metadata = {
        "Content-Type": "text/plain; charset=UTF-8",
        "Plural-Forms": "nplurals=1; plural=0;",
        "X-Language-Name": "中文",
    }
    po.fpath = str(folder / "django.po")
    monkeypatch.setattr(catalogue, "LOCALE", tmp_path)
    catalogue.translations.cache_clear()
    catalogue.named_languages.cache_clear()
    yield po
    catalogue.translations.cache_clear()
    catalogue.named_languages.cache_clear()


def translated(po: polib.POFile, **entry: object) -> None:
    po.append(polib.POEntry(**entry))
    po.save()


def test_a_message_is_told_in_english_and_in_a_language_that_has_a_catalogue(
    chinese: polib.POFile,
) -> None:
    translated(chinese, msgid="{y} of {n} responded.", msgstr="{n} 例中 {y} 例应答。")
    said = Message("{y} of {n} responded.", y=3, n=12)
    assert str(said) == said.in_language("en") == "3 of 12 responded."
    for tag in ("zh", "zh-hans", "zh-Hans", "zh_Hans", "zh-CN"):
        assert said.in_language(tag) == "12 例中 3 例应答。"


def test_the_languages_are_those_that_have_a_catalogue(chinese: polib.POFile) -> None:
    chinese.save()
    named = [("en", "en", "English"), ("zh-hans", "zh-Hans", "中文")]
    assert list(catalogue.named_languages()) == named
    assert catalogue.languages() == ("en", "zh-hans")


def test_what_has_no_translation_or_no_catalogue_is_told_in_english(chinese: polib.POFile) -> None:
    translated(chinese, msgid="Yes", msgstr="是")
    assert Message("No").in_language("zh") == "No"
    assert Message("Yes").in_language("fr") == "Yes"


def test_a_format_stands_in_the_text_and_a_text_without_parameters_keeps_its_braces() -> None:
    assert str(Message("Rate {rate:.1%}", rate=0.25)) == "Rate 25.0%"
    assert str(Message("Write {a: 1}")) == "Write {a: 1}"


def test_a_parameter_with_languages_is_told_in_the_same_one(chinese: polib.POFile) -> None:
    translated(chinese, msgid="Waits for: {anchor}", msgstr="等待：{anchor}")
    translated(chinese, msgid="a number", msgstr="数")
    label = Text("Birth", "出生")
    assert Message("Waits for: {anchor}", anchor=label).in_language("zh") == "等待：出生"
    nested = Message("Waits for: {anchor}", anchor=Message("a number"))
    assert (str(nested), nested.in_language("zh")) == ("Waits for: a number", "等待：数")


def test_a_number_chooses_the_form(chinese: polib.POFile) -> None:
    translated(
        chinese, msgid="{n} visit", msgid_plural="{n} visits", msgstr_plural={0: "{n} 次访视"}
    )
    one, two = (Message.counted("{n} visit", "{n} visits", n=n) for n in (1, 2))
    assert (str(one), str(two), two.in_language("zh")) == ("1 visit", "2 visits", "2 次访视")


def test_a_context_tells_two_translations_of_one_text_apart(chinese: polib.POFile) -> None:
    translated(chinese, msgid="Open", msgstr="打开")
    translated(chinese, msgid="Open", msgctxt="query", msgstr="未关闭")
    assert Message("Open").in_language("zh") == "打开"
    assert Message.in_context("query", "Open").in_language("zh") == "未关闭"


def test_lists_and_sentences_are_joined_as_each_language_does(chinese: polib.POFile) -> None:
    translated(chinese, msgid="{before}, {after}", msgstr="{before}、{after}")
    translated(chinese, msgid="{before} or {after}", msgstr="{before} 或 {after}")
    translated(chinese, msgid="{before} {after}", msgstr="{before}{after}")
    assert (str(several([1, 2, 3])), several("abc").in_language("zh")) == ("1, 2, 3", "a、b、c")
    assert (str(either([4, 6])), either([4, 6, 8]).in_language("zh")) == ("4 or 6", "4 或 6 或 8")
    assert sentences(Message("One.")) == Message("One.")
    both = sentences(Message("One."), Message("Two."))
    assert (str(both), both.in_language("zh")) == ("One. Two.", "One.Two.")
    assert str(several([])) == ""
    assert str(Message("Arms {arms}", arms=several(["a {b}", "c"]))) == "Arms a {b}, c"


def test_messages_are_values() -> None:
    one = Message("Arms {arms} at {x}", x=1, arms=(1, 2))
    same = Message("Arms {arms} at {x}", arms=(1, 2), x=1)
    assert one == same and hash(one) == hash(same)
    assert one != Message("Arms {arms} at {x}", arms=(1, 2), x=2)
    assert pickle.loads(pickle.dumps(one)) == one
    with pytest.raises(AttributeError):
        one.id = "other"  # type: ignore[misc]


def test_a_message_of_a_table_is_filled_where_it_is_told(chinese: polib.POFile) -> None:
    translated(chinese, msgid="Page {page}", msgctxt="report", msgstr="第 {page} 页")
    kept = Message.in_context("report", "Page {page}")
    assert kept.filled(page=2) == Message.in_context("report", "Page {page}", page=2)
    assert kept.filled(page=2).in_language("zh") == "第 2 页"


def test_a_folder_that_cannot_be_written_is_read_all_the_same(
    chinese: polib.POFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    translated(chinese, msgid="Yes", msgstr="是")

    def refuse(**_: object) -> None:
        raise PermissionError

    monkeypatch.setattr(catalogue.tempfile, "NamedTemporaryFile", refuse)
    assert Message("Yes").in_language("zh") == "是"


def test_compiling_leaves_a_fresh_file_alone_and_no_scrap() -> None:
    catalogue.compile_stale()
    compiled = [source.with_suffix(".mo") for source in catalogue.sources().values()]
    before = [path.stat().st_mtime_ns for path in compiled]
    catalogue.compile_stale()
    assert [path.stat().st_mtime_ns for path in compiled] == before
    for path in compiled:
        assert sorted(p.name for p in path.parent.iterdir()) == ["django.mo", "django.po"]
