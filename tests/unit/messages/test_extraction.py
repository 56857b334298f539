"""Messages are found by the calls that make them, and their places by the parameters."""

from pathlib import Path

import polib
import pytest

from trialwright.messages import extraction
from trialwright.messages.extraction import ExtractedMessage


def calls(tmp_path: Path, code: str) -> list[extraction.MessageCall]:
    file = tmp_path / "a.py"
    file.write_text(code)
    return list(extraction.calls(file))


def test_gettext_and_messages_are_found_with_plural_and_context(tmp_path: Path) -> None:
    code = """
_("One")
ngettext("a visit", "{n} visits", n)
pgettext("form", "Open")
Message("Dose " "{dose}", dose=2)
messages.Message("Two")
Message.counted("{n} visit", "{n} visits", n=3)
Message.in_context("query", "Open")
_(name)
"""
    assert {call.entry for call in calls(tmp_path, code)} == {
        ExtractedMessage("One"), ExtractedMessage("a visit", "{n} visits"),
        ExtractedMessage("Open", context="form"), ExtractedMessage("Dose {dose}"),
        ExtractedMessage("Two"), ExtractedMessage("{n} visit", "{n} visits"),
        ExtractedMessage("Open", context="query"),
    }  # fmt: skip


@pytest.mark.parametrize("code", ['Message(f"Dose {dose}")', "Message(text)", 'Message("a" + b)'])
def test_a_text_that_is_put_together_is_refused(tmp_path: Path, code: str) -> None:
    with pytest.raises(ValueError, match=r"a\.py:1"):
        calls(tmp_path, code)


@pytest.mark.parametrize(
    ("code", "wrong"),
    [
        ('Message("{a} of {b:.1f}", a=1, b=2)', set()),
        ('Message("{a} of {b}", a=1)', {"b"}),
        ('Message("{a}", a=1, b=2)', {"b"}),
        ('Message("{a}", **values)', set()),
        ('Message("{a}")', set()),
        ('Message.counted("one", "{n} of {all}", n=1, all=2)', set()),
        ('_("{whatever}")', set()),
    ],
)
def test_places_that_nothing_fills_are_known(tmp_path: Path, code: str, wrong: set[str]) -> None:
    (call,) = calls(tmp_path, code)
    assert extraction.misfits(call) == wrong


def test_an_update_keeps_translations_adds_what_is_new_and_drops_what_is_gone(
    tmp_path: Path,
) -> None:
    source = tmp_path / "django.po"
    po = polib.POFile()
    po.append(polib.POEntry(msgid="Kept", msgstr="留"))
    po.append(polib.POEntry(msgid="Gone", msgstr="去"))
    po.save(str(source))
    wanted = [
        ExtractedMessage("Kept"),
        ExtractedMessage("Kept", context="query"),
        ExtractedMessage("{n} day", "{n} days"),
    ]
    assert extraction.update(source, wanted) == 2
    after = {(e.msgid, e.msgctxt): e.msgstr for e in polib.pofile(str(source))}
    assert after == {("Kept", None): "留", ("Kept", "query"): "", ("{n} day", None): ""}
