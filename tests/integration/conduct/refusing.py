"""What it means that something is refused: a sentence in each language, and nothing written."""

from collections.abc import Callable

import pytest
from django.apps import apps
from django.db import connection
from django.utils import translation

from trialwright.conduct.refusals import ActionRefused, NotFound


def stored() -> dict[str, tuple[int, str | None]]:
    """Every table of ledger, accounts and conduct: how many rows, and the hash of their text."""
    found = {}
    with connection.cursor() as cursor:
        for model in apps.get_models():
            if model._meta.app_label in ("ledger", "accounts", "conduct"):
                table = model._meta.db_table
                everything = "count(*), md5(string_agg(t::text, '|' ORDER BY t::text))"
                cursor.execute(f"SELECT {everything} FROM {table} t")
                found[table] = cursor.fetchone()
    return found


def refused(act: Callable[[], object]) -> str:
    """Do it in each language: it is refused and leaves no trace. Returns the English sentence."""
    before = stored()
    said = {}
    for language in ("en", "zh-hans"):
        with translation.override(language):
            with pytest.raises(ActionRefused) as refusal:
                act()
            sentences = [str(problem.sentence).strip() for problem in refusal.value.problems]
        assert all(sentences)
        said[language] = " ".join(sentences)
    assert stored() == before
    assert any("\u4e00" <= letter <= "\u9fff" for letter in said["zh-hans"]), said
    assert not any("\u4e00" <= letter <= "\u9fff" for letter in said["en"]), said
    return said["en"]


def absent(act: Callable[[], object]) -> None:
    """For this person it isn't there: no sentence, no hint, no trace."""
    before = stored()
    with pytest.raises(NotFound) as nothing:
        act()
    assert nothing.value.args == ()
    assert stored() == before
