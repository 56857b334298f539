"""ClinicalTrials.gov records in the form of the API's version 2: the form of `Record.tree`."""

from __future__ import annotations

import json
import re

import orjson

from trialwright.registry.readers.errors import UnreadableError
from trialwright.registry.record.record import Record
from trialwright.registry.record.values import Copy

_NUMBER = re.compile(r"NCT\d{8}")
# Our own key in a record: what this copy of it condensed or left out (the bundled sample).
COPY_KEY = "trialwrightSample"


def read_v2(raw: bytes) -> Record:
    """Read the bytes of one study.

    Raises:
        UnreadableError: it is not JSON, or not a study with an NCT number.
    """
    return record_from_study(parse_json(raw))


def record_from_study(study: object) -> Record:
    """Make the record of a parsed study.

    Raises:
        UnreadableError: it is not a study with an NCT number.
    """
    if not isinstance(study, dict):
        raise UnreadableError(f"a study is a JSON object, and this is {_json_type(study)}")
    node: object = study
    for key in ("protocolSection", "identificationModule", "nctId"):
        node = node.get(key) if isinstance(node, dict) else None
    if not isinstance(node, str) or not _NUMBER.fullmatch(node.strip()):
        written = "none" if node is None else repr(node)[:60]
        raise UnreadableError(
            f"a study needs a number like NCT01234567, and this has {written}",
            "/protocolSection/identificationModule/nctId",
        )
    return Record(node.strip(), study, copy=_copy_of(study.get(COPY_KEY)))


def parse_json(raw: bytes) -> object:
    """Parse JSON; also that with lone surrogates, which strict parsers refuse.

    Raises:
        UnreadableError: it is not JSON, or nested too deeply.
    """
    try:
        return orjson.loads(raw)
    except orjson.JSONDecodeError as strict:
        try:
            return json.loads(raw)
        except (ValueError, RecursionError):
            raise UnreadableError(f"not JSON: {strict}"[:300]) from None


def _copy_of(notes: object) -> Copy:
    if not isinstance(notes, dict):
        return Copy()
    return Copy(
        condensed=frozenset(_texts(notes.get("condensed"))),
        left_out=frozenset(_texts(notes.get("leftOut"))),
    )


def _texts(raw: object) -> list[str]:
    return [item for item in raw if isinstance(item, str)] if isinstance(raw, list) else []


def _json_type(raw: object) -> str:
    if raw is None:
        return "null"
    names = {list: "a list", str: "a text", bool: "true or false", int: "a number"}
    return names.get(type(raw), "a number")
