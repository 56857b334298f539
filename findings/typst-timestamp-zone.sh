#!/usr/bin/env bash
# typst 0.15.2 (PyPI): `compile(timestamp=…)` takes a time whose zone is an IANA zone only where that
# zone has one offset for ever. ZoneInfo("UTC") is accepted, ZoneInfo("Asia/Shanghai") is refused as
# having no fixed offset, and so is datetime.now(timezone.utc), for its microseconds. Whoever stamps
# reports in a site's own zone meets it at the first site outside UTC: convert to a plain offset first.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check typst==0.15.2 tzdata
"$folder/venv/bin/python" - <<'PY'
from datetime import datetime, timedelta, timezone
from importlib.metadata import version
from zoneinfo import ZoneInfo

import typst


def said(when):
    try:
        typst.compile(b"#set document(date: auto)\nA report", format="pdf", timestamp=when)
    except Exception as error:
        return f"{type(error).__name__}: {error}"
    return "accepted"


day = (2026, 3, 1, 9, 0)
seen = {
    "fixed offset": said(datetime(*day, tzinfo=timezone(timedelta(hours=8)))),
    "ZoneInfo UTC": said(datetime(*day, tzinfo=ZoneInfo("UTC"))),
    "ZoneInfo Asia/Shanghai": said(datetime(*day, tzinfo=ZoneInfo("Asia/Shanghai"))),
    "with microseconds": said(datetime(*day, 0, 5, tzinfo=timezone.utc)),
}
print("typst", version("typst"))
for name, words in seen.items():
    print(f"{name}: {words}")
assert seen["fixed offset"] == seen["ZoneInfo UTC"] == "accepted"
assert "fixed offset" in seen["ZoneInfo Asia/Shanghai"]
assert "microseconds" in seen["with microseconds"]
PY
echo "as found"
