"""A protocol file as a demonstration: the same lines, but for what marks it as one."""

import re

_REGISTERED = re.compile(rb"^registered_as:", re.MULTILINE)
_TWIN = re.compile(rb"^twin_of:", re.MULTILINE)
_MARKED = re.compile(rb"^demonstration:[^\n]*", re.MULTILINE)


def as_demonstration(source: bytes) -> bytes:
    """The file with `demonstration: yes`; a register's number becomes that of its twin.

    Every line stays where it is, so that what is said of lines holds of the file as written.
    """
    if _TWIN.search(source) is None:
        source = _REGISTERED.sub(b"twin_of:", source)
    if _MARKED.search(source):
        return _MARKED.sub(b"demonstration: yes", source)
    return source.rstrip(b"\n") + b"\ndemonstration: yes\n"
