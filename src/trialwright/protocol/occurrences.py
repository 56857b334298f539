"""The name of one occurrence of a visit: `day_1` is the first, `day_1~3` the third.

A visit that comes again with its cycle is one visit of the file and many of a participant. Its
occurrences are named everywhere alike: in tables, addresses, references (`day_1~3.form.item`) and
signatures; so whatever is done at a visit is done at an occurrence without a word more.
"""

SEPARATOR = "~"


def name_of(visit: str, occurrence: int) -> str:
    """Return the name of an occurrence, counted from 1.

    >>> name_of("day_1", 1), name_of("day_1", 3)
    ('day_1', 'day_1~3')
    """
    return visit if occurrence == 1 else f"{visit}{SEPARATOR}{occurrence}"


def occurrence_of(name: str) -> tuple[str, int]:
    """Return the visit's key and the number of an occurrence.

    A name that isn't written as `name_of` writes it is taken as a key, which no visit has.

    >>> occurrence_of("day_1"), occurrence_of("day_1~3"), occurrence_of("day_1~03")
    (('day_1', 1), ('day_1', 3), ('day_1~03', 1))
    """
    visit, mark, digits = name.partition(SEPARATOR)
    number = int(digits) if digits.isascii() and digits.isdecimal() and len(digits) < 5 else 0
    return (visit, number) if mark and name_of(visit, number) == name and number > 1 else (name, 1)


def key_of(name: str) -> str:
    """Return the key of the visit of which this is an occurrence."""
    return occurrence_of(name)[0]


def of_visit(reference: str) -> str:
    """Return a reference (`visit.form.item`) as the protocol writes it, without an occurrence."""
    visit, dot, rest = reference.partition(".")
    return f"{key_of(visit)}{dot}{rest}"
