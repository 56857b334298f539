"""Everything a person reads is there in English and Simplified Chinese."""

import re
from pathlib import Path

import polib

from trialwright.web import messages
from trialwright.web.messages import Message

_PLACES = re.compile(r"%\(\w+\)s|\{\w*\}")


def catalogue() -> polib.POFile:
    return polib.pofile(str(messages.CHINESE))


def test_the_catalogue_holds_exactly_what_the_code_says() -> None:
    there = {Message(e.msgid, e.msgid_plural, e.msgctxt or "") for e in catalogue()}
    wanted = messages.to_translate()
    hint = "run python -m trialwright.web.messages, then translate what is new"
    assert there == wanted, f"{hint}: {sorted(there ^ wanted)}"


def test_every_message_has_a_chinese_translation_and_none_is_fuzzy() -> None:
    assert [entry.msgid for entry in catalogue().untranslated_entries()] == []
    assert [entry.msgid for entry in catalogue().fuzzy_entries()] == []


def test_a_translation_fills_the_same_places() -> None:
    for entry in catalogue():
        for text in [entry.msgstr, *entry.msgstr_plural.values()]:
            if text:
                wanted = set(_PLACES.findall(entry.msgid_plural or entry.msgid))
                assert set(_PLACES.findall(text)) == wanted, entry.msgid


def test_messages_are_found_in_python_and_in_templates(tmp_path: Path) -> None:
    python = tmp_path / "a.py"
    python.write_text(
        '_("One")\nngettext("a visit", "{n} visits", n)\npgettext("form", "Open")\n_(name)'
    )
    template = tmp_path / "a.html"
    template.write_text(
        '{% translate "Two" %}{% tag _("It\'s three") %}'
        "{% blocktranslate count n=2 trimmed %}One\n thing"
        "{% plural %}{{ n }} things{% endblocktranslate %}"
    )
    assert set(messages.in_python(python)) == {
        Message("One"), Message("a visit", "{n} visits"), Message("Open", context="form")
    }  # fmt: skip
    assert set(messages.in_template(template)) == {
        Message("Two"), Message("It's three"), Message("One thing", "%(n)s things")
    }  # fmt: skip


def test_compiling_leaves_a_fresh_file_alone_and_no_scrap() -> None:
    messages.compile_stale()
    compiled = messages.CHINESE.with_suffix(".mo")
    before = compiled.stat().st_mtime_ns
    messages.compile_stale()
    assert compiled.stat().st_mtime_ns == before
    assert sorted(p.name for p in compiled.parent.iterdir()) == ["django.mo", "django.po"]
