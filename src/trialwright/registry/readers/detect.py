"""Reading one record's bytes, whatever register and form they are in."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from trialwright.registry.readers.ctgov_v2 import parse_json, record_from_study
from trialwright.registry.readers.ctgov_xml import read_xml
from trialwright.registry.readers.errors import UnreadableError
from trialwright.registry.readers.others import read_ctis, read_euctr, read_isrctn
from trialwright.registry.record import Record

_OTHERS = {"CTIS": read_ctis, "EUCTR": read_euctr, "ISRCTN": read_isrctn}


def read_record(raw: bytes) -> Record:
    """Read the bytes of one record: v2 JSON, old XML, CTIS, EUCTR or ISRCTN.

    A v2 study wrapped in an object that says which version it is (`{"study": {…}}`) is read too.

    Raises:
        UnreadableError: the record can't be read; it says why and where.
    """
    head = raw[:64].removeprefix(b"\xef\xbb\xbf").lstrip()
    if head.startswith(b"<"):
        return read_xml(raw)
    parsed = parse_json(raw.removeprefix(b"\xef\xbb\xbf"))
    if isinstance(parsed, dict) and "protocolSection" not in parsed:
        return _read_other(parsed)
    return record_from_study(parsed)


def _read_other(parsed: dict[str, Any]) -> Record:
    register = parsed.get("ctrname")
    if isinstance(register, str) and register in _OTHERS:
        return _OTHERS[register](parsed)
    if isinstance(parsed.get("study"), dict):
        record = record_from_study(parsed["study"])
        return replace(record, copy=replace(record.copy, below="/study"))
    raise UnreadableError(
        "this is no record of ClinicalTrials.gov (protocolSection), CTIS, EUCTR or ISRCTN (ctrname)"
    )
