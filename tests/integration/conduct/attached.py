"""Small files that are what they say, and some that aren't."""

import struct
import zlib


def _chunk(name: bytes, content: bytes) -> bytes:
    head = struct.pack(">I", len(content)) + name + content
    return head + struct.pack(">I", zlib.crc32(name + content))


def png(width: int = 2, height: int = 1, *, shade: int = 200) -> bytes:
    """A grey picture, row by row without a filter."""
    rows = (b"\0" + bytes([shade]) * min(width, 4)) * min(height, 4)
    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    parts = (_chunk(b"IHDR", head), _chunk(b"IDAT", zlib.compress(rows)), _chunk(b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


def jpeg(width: int = 2, height: int = 1) -> bytes:
    """The segments of a picture whose scan is a few bytes."""
    frame = struct.pack(">BHHB", 8, height, width, 1) + b"\x01\x11\x00"
    begin = b"\xff\xd8\xff\xe0" + struct.pack(">H", 7) + b"JFIF\0"
    sof = b"\xff\xc0" + struct.pack(">H", 2 + len(frame)) + frame
    return begin + sof + b"\xff\xda\x00\x08\x01\x01\x00\x00\x3f\x00" + b"\x12\x34" + b"\xff\xd9"


def pdf() -> bytes:
    """A document of one empty page."""
    body = (
        b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n"
        b"2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
        b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 72 72]>>endobj\n"
    )
    return body + b"xref\n0 0\ntrailer<</Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % len(body)


def dicom() -> bytes:
    """The head of a DICOM file (PS3.10, 7.1)."""
    return b"\0" * 128 + b"DICM" + b"\x02\x00\x00\x00UL\x04\x00" + b"\0" * 64
