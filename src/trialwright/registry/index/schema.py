"""The fields of the search index, and how its text becomes terms.

Text fields are searched, fast fields filtered and counted.
"""

from __future__ import annotations

from datetime import date
from functools import cache

import tantivy

FORMAT = 7
ANALYSER = "english"

# Fields of text, from the most to the least specific; `text` has all words of the record, those of
# the other fields too, so that one length and one rarity tell how much a word of it weighs.
TEXT_FIELDS = ("title", "condition", "intervention", "keyword", "summary", "sponsor", "text")
# Fields to filter by and count; each holds codes or names as registered, "N/A" or "".
FACETS = (
    "status", "recruitment", "phase", "type", "sex", "age_group", "country",
    "sponsor_class", "results",
    "intervention_type", "register",
)  # fmt: skip
# Facets of which a trial may have several codes and few sets of codes are met: counted by set, as
# one value for each trial, which is ten times as fast.
BY_SET = ("phase", "age_group", "intervention_type")
# No code has this character: cleaned text has no control characters.
SET_MARK = "\x1f"
# A field to filter and group by, whose values are too many to count beside every search.
LEAD_SPONSOR = "lead_sponsor"
# Whole-number fields for ranges; dates are days since 1 January 1970, the earliest they can be.
NUMBERS = ("start", "start_year", "completion", "updated", "enrolment", "min_age", "max_age")
NO_MAXIMUM_AGE = 200
NOT_PROVIDED = "(not provided)"


def schema() -> tantivy.Schema:
    """Return the schema of the index."""
    builder = tantivy.SchemaBuilder()
    builder.add_text_field(
        "number", stored=True, fast=True, tokenizer_name="raw", index_option="basic"
    )
    builder.add_text_field("other_number", tokenizer_name="raw", index_option="basic")
    for name in TEXT_FIELDS:
        builder.add_text_field(name, tokenizer_name=ANALYSER, index_option="position")
    builder.add_text_field("chinese", tokenizer_name="whitespace", index_option="freq")
    builder.add_text_field("mesh", tokenizer_name="raw", index_option="basic")
    builder.add_text_field("mesh_above", tokenizer_name="raw", index_option="basic")
    builder.add_text_field("place", tokenizer_name="raw", index_option="basic")
    builder.add_text_field("cell", tokenizer_name="raw", index_option="basic")
    for name in FACETS:
        builder.add_text_field(name, tokenizer_name="raw", index_option="basic", fast=True)
    for name in BY_SET:
        builder.add_text_field(set_of(name), tokenizer_name="raw", index_option="basic", fast=True)
    for name in NUMBERS:
        builder.add_integer_field(name, indexed=True, fast=True)
    builder.add_bytes_field("spots", stored=True)
    builder.add_bytes_field("open_spots", stored=True)
    builder.add_bytes_field("facts", stored=True)
    builder.add_bytes_field("versions", stored=True)
    builder.add_text_field(LEAD_SPONSOR, tokenizer_name="raw", index_option="basic", fast=True)
    builder.add_text_field("digest", tokenizer_name="raw", index_option="basic")
    return builder.build()


def set_of(facet: str) -> str:
    """Return the field that has all codes of a facet as one value."""
    return f"{facet}_set"


@cache
def analyser() -> tantivy.TextAnalyzer:
    """Return the analyser of the text fields: words, folded, stemmed as English."""
    return (
        tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.simple())
        .filter(tantivy.Filter.remove_long(60))
        .filter(tantivy.Filter.lowercase())
        .filter(tantivy.Filter.ascii_fold())
        .filter(tantivy.Filter.stemmer("english"))
        .build()
    )


def register_analyser(index: tantivy.Index) -> None:
    """Give an opened index the analyser its text fields were made with."""
    index.register_tokenizer(ANALYSER, analyser())


def days(day: date) -> int:
    """Return a date as days since 1 January 1970."""
    return day.toordinal() - 719163
