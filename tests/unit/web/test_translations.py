"""Everything a person reads is there in English and in every language that has a catalogue."""

import re
from pathlib import Path

import polib
import pytest

from trialwright.messages import catalogue, extraction
from trialwright.messages.extraction import ExtractedMessage
from trialwright.web import messages

_PLACES = re.compile(r"%\(\w+\)s|\{\w*(?:![rsa])?(?::[^{}]*)?\}")

languages = pytest.mark.parametrize("language", catalogue.sources())


def content(language: str) -> polib.POFile:
    return polib.pofile(str(catalogue.sources()[language]))


def test_there_is_a_catalogue_of_simplified_chinese() -> None:
    assert "zh_Hans" in catalogue.sources()


@languages
def test_a_catalogue_names_its_language_and_counts_as_it_does(language: str) -> None:
    head = content(language).metadata
    assert head["X-Language-Name"] and head["Plural-Forms"] and head["Language"] == language


@languages
def test_the_catalogue_holds_exactly_what_the_code_says(language: str) -> None:
    there = {ExtractedMessage(e.msgid, e.msgid_plural, e.msgctxt or "") for e in content(language)}
    wanted = messages.to_translate()
    hint = "run python -m trialwright.web.messages, then translate what is new"
    assert there == wanted, f"{hint}: {sorted(there ^ wanted)}"


@languages
def test_every_message_is_translated_and_none_is_fuzzy(language: str) -> None:
    assert [entry.msgid for entry in content(language).untranslated_entries()] == []
    assert [entry.msgid for entry in content(language).fuzzy_entries()] == []


@languages
def test_a_translation_fills_the_same_places(language: str) -> None:
    for entry in content(language):
        for text in filter(None, [entry.msgstr, *entry.msgstr_plural.values()]):
            wanted = set(_PLACES.findall(entry.msgid_plural or entry.msgid))
            assert set(_PLACES.findall(text)) == wanted, entry.msgid


def test_a_message_is_made_with_the_parameters_that_its_places_name() -> None:
    made = extraction.all_calls()
    assert {call.place: wrong for call in made if (wrong := extraction.misfits(call))} == {}


def test_messages_are_found_in_templates(tmp_path: Path) -> None:
    template = tmp_path / "a.html"
    template.write_text(
        '{% translate "Two" %}{% tag _("It\'s three") %}'
        "{% blocktranslate count n=2 trimmed %}One\n thing"
        "{% plural %}{{ n }} things{% endblocktranslate %}"
    )
    assert set(messages.in_template(template)) == {
        ExtractedMessage("Two"), ExtractedMessage("It's three"),
        ExtractedMessage("One thing", "%(n)s things"),
    }  # fmt: skip
