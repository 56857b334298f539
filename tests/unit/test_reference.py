"""The reference names every command, page and setting, as the program has them now."""

import re
from pathlib import Path

from tools import reference

SOURCE = Path(reference.ROOT) / "src"
READ = r'(?:environ[^\n]*?|_(?:yes|number|time_zone)\()"((?:TRIALWRIGHT|DATABASE)_[A-Z_]+)"'


def test_the_page_says_what_the_program_has() -> None:
    """`make reference` writes it anew."""
    assert reference.PAGE.read_text(encoding="utf-8") == reference.written()


def test_nothing_stands_there_without_a_sentence() -> None:
    assert [name for name, words in (*reference.commands(), *reference.pages()) if not words] == []


def test_every_setting_that_is_read_is_documented() -> None:
    read = set()
    for path in SOURCE.rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        read |= set(re.findall(r'environ[^\n]*?"((?:TRIALWRIGHT|DATABASE)_[A-Z_]+)"', text))
        read |= set(
            re.findall(
                r'_(?:yes|number|time_zone|one_of)\("((?:TRIALWRIGHT|DATABASE)_[A-Z_]+)"', text
            )
        )
    documented = {name for name, _meaning, _default in reference.settings()}
    assert read <= documented
    assert "TRIALWRIGHT_HOME" in documented and len(read) > 5
