"""ReportContext whose form a record has, and reading it."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

from lxml import etree

from trialwright.registry.readers.aact import read_aact
from trialwright.registry.readers.anzctr import read_anzctr
from trialwright.registry.readers.anzctr_service import read_anzctr_service
from trialwright.registry.readers.ctgov_table import read_ris, read_table_row
from trialwright.registry.readers.ctgov_v2 import parse_json, record_from_study
from trialwright.registry.readers.ctgov_xml import parse_xml, read_study
from trialwright.registry.readers.ctis import read_ctis
from trialwright.registry.readers.drks import read_drks, read_drks_row
from trialwright.registry.readers.errors import UnreadableError
from trialwright.registry.readers.euctr import read_euctr
from trialwright.registry.readers.euctr_text import read_euctr_text
from trialwright.registry.readers.exchange import read_exchange
from trialwright.registry.readers.fhir import read_fhir
from trialwright.registry.readers.ictrp import read_ictrp, read_ictrp_row
from trialwright.registry.readers.isrctn import read_isrctn, read_isrctn_xml
from trialwright.registry.readers.jrct import read_jrct
from trialwright.registry.record.record import Record

_OTHERS = {"CTIS": read_ctis, "EUCTR": read_euctr, "ISRCTN": read_isrctn}
# By the element that is one trial.
_ROOTS = {
    "ANZCTR_Trial": read_anzctr,
    "fullTrial": read_isrctn_xml,
    "clinical_study": read_study,
}


def read_record(raw: bytes) -> Record:
    """Read the bytes of one record, in whichever of the forms that `docs/registry.md` lists.

    A v2 study wrapped in an object that says which version it is (`{"study": {…}}`) is read too.

    Raises:
        UnreadableError: the record can't be read; it says why and where.
    """
    head = raw[:64].removeprefix(b"\xef\xbb\xbf").lstrip()
    if re.match(rb"(?i)<(?:!doctype html|html)", head):
        return read_jrct(raw)
    if head.startswith(b"<"):
        return _read_marked_up(raw)
    if head.startswith(b"TY  - "):
        return read_ris(raw.decode("utf-8-sig", "replace"))
    if head.startswith(b"EudraCT Number:"):
        return read_euctr_text(raw.decode("utf-8", "replace"))
    parsed = parse_json(raw.removeprefix(b"\xef\xbb\xbf"))
    if isinstance(parsed, dict) and "protocolSection" not in parsed:
        return _read_other(parsed)
    return record_from_study(parsed)


def _read_marked_up(raw: bytes) -> Record:
    root = parse_xml(raw)
    name = etree.QName(root).localname
    if name == "Trial":
        return read_ictrp({str(part.tag): part.text or "" for part in root})
    if name in _ROOTS:
        return _ROOTS[name](root)
    if name == "trial" and root.find("actrn") is not None:
        return read_anzctr_service(root)
    if name in {"trial", "Triall"}:
        return read_exchange(root) if root.find("main") is not None else read_isrctn_xml(root)
    return read_study(root)


def _read_other(parsed: dict[str, Any]) -> Record:
    register = parsed.get("ctrname")
    if isinstance(register, str) and register in _OTHERS:
        return _OTHERS[register](parsed)
    if "ctNumber" in parsed:
        return read_ctis(parsed)
    if isinstance(parsed.get("study"), dict):
        record = record_from_study(parsed["study"])
        return replace(record, copy=replace(record.copy, below="/study"))
    if isinstance(parsed.get("resource"), dict):
        parsed = parsed["resource"]
    if "resourceType" in parsed:
        return _read_resource(parsed)
    if isinstance(parsed.get("aact"), dict):
        return read_aact(parsed["aact"])
    if "drksId" in parsed:
        rows = all(isinstance(value, str) for value in parsed.values())
        return read_drks_row(parsed) if rows else read_drks(parsed)
    if "NCT Number" in parsed or "TrialID" in parsed:
        row = {name: text for name, text in parsed.items() if isinstance(text, str)}
        return read_table_row(row) if "NCT Number" in row else read_ictrp_row(row)
    raise UnreadableError(
        "this is no record of a register that we know; docs/registry.md lists the forms"
    )


def _read_resource(resource: dict[str, Any]) -> Record:
    kind = resource.get("resourceType")
    if kind != "ResearchStudy":
        raise UnreadableError(f"this is a resource {str(kind)[:40]} of FHIR, not a ResearchStudy")
    return read_fhir(resource)
