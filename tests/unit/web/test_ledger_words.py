"""Whatever an action enters in the ledger has words on the page of the audit trail."""

import ast
from collections.abc import Iterator
from pathlib import Path

import trialwright
from trialwright.conduct.audited import folded
from trialwright.web.clinical.ledger_words import ACTIONS, RECORDS

PACKAGE = Path(trialwright.__file__).parent
OPENERS = {"acting", "setting_up", "_managing", "act_as_system", "open_entry"}


def calls() -> Iterator[ast.Call]:
    for area in ("conduct", "accounts"):
        for path in sorted((PACKAGE / area).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text("utf-8"))):
                if isinstance(node, ast.Call):
                    yield node


def name_of(call: ast.Call) -> str:
    return getattr(call.func, "id", None) or getattr(call.func, "attr", "")


def texts(call: ast.Call) -> Iterator[str]:
    for each in call.args:
        if isinstance(each, ast.Constant) and isinstance(each.value, str):
            yield each.value
    for named in call.keywords:
        if named.arg == "action" and isinstance(named.value, ast.Constant):
            yield named.value.value


def actions() -> set[str]:
    return {text for call in calls() if name_of(call) in OPENERS for text in texts(call)}


def entities() -> set[str]:
    return {each.entity for each in folded()}


def test_every_action_has_words() -> None:
    assert len(found := actions()) > 60
    assert found - set(ACTIONS) == set()


def test_every_kind_of_record_has_words() -> None:
    assert entities() - set(RECORDS) == set()


def test_no_words_are_of_what_is_gone() -> None:
    text = "\n".join(path.read_text("utf-8") for path in sorted(PACKAGE.rglob("*.py")))
    assert {each for each in {*ACTIONS, *RECORDS} if text.count(f'"{each}"') < 2} == set()
