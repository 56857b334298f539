"""Files that are attached in the demonstration: a scan and a laboratory's report, both invented."""

import struct
import zlib
from collections.abc import Iterable
from random import Random

_WIDE, _HIGH = 240, 180
_MM = 0.5  # a point of the picture
_PNG = b"\x89PNG\r\n\x1a\n"


def scan(draw: Random, *, length: float, depth: float, thickness: float) -> bytes:
    """A womb in midsagittal section as grey PNG, to scale: wall, and the endometrium within it.

    Args:
        length, depth, thickness: in mm, as the form has them.
    """
    half = (_WIDE * _MM / 2, _HIGH * _MM / 2)
    rows = bytearray()
    for y in range(_HIGH):
        rows.append(0)  # a row without a filter
        for x in range(_WIDE):
            along, across = x * _MM - half[0], y * _MM - half[1]
            wall = (along / (length / 2)) ** 2 + (across / (depth / 2)) ** 2
            inner = (along / (length * 0.36)) ** 2 + (across / (thickness / 2)) ** 2
            grey = 205 if inner < 1 else 95 if wall < 1 else 40
            rows.append(max(0, min(255, round(grey * draw.uniform(0.75, 1.15)))))
    head = struct.pack(">IIBBBBB", _WIDE, _HIGH, 8, 0, 0, 0, 0)
    parts = ((b"IHDR", head), (b"IDAT", zlib.compress(bytes(rows), 9)), (b"IEND", b""))
    return _PNG + b"".join(_chunk(*part) for part in parts)


def _chunk(name: bytes, content: bytes) -> bytes:
    told = name + content
    return struct.pack(">I", len(content)) + told + struct.pack(">I", zlib.crc32(told))


def report(title: str, lines: Iterable[str]) -> bytes:
    """A page of plain text as PDF, marked as invented; ASCII alone, as its typeface has no more."""
    said = [(16, title), (9, "Invented for a demonstration: nobody's results."), (9, "")]
    said += [(11, line) for line in lines]
    text = ["BT 56 780 Td 20 TL"]
    for size, line in said:
        plain = line.replace("\\", "\\\\").replace("(", "\\(").replace(")", "\\)")
        text.append(f"/F1 {size} Tf ({plain}) Tj T*")
    page = "\n".join([*text, "ET"]).encode("ascii")
    font = b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>"
    objects = (
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R"
        b"/Resources<</Font<</F1 5 0 R>>>>>>",
        b"<</Length %d>>stream\n%b\nendstream" % (len(page), page),
        font,
    )
    made, places = bytearray(b"%PDF-1.4\n"), []
    for number, content in enumerate(objects, start=1):
        places.append(len(made))
        made += b"%d 0 obj%b endobj\n" % (number, content)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    count, begins = len(objects) + 1, len(made)
    made += b"xref\n0 %d\n0000000000 65535 f \n%b" % (count, table)
    made += b"trailer<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (count, begins)
    return bytes(made)
