"""A table's rows: escaped, in the language of each cell, the first cell the row's name and link."""

from trialwright.web.components import Cell, Column, Status, Table
from trialwright.web.templatetags.trialwright import table_rows


def test_every_kind_of_cell_is_written_and_escaped() -> None:
    columns = [Column("Trial"), Column("<n>", number=True), Column("C"), Column("D"), Column("E")]
    row = [
        Cell("<b>", "/t?a=1&b=2", lang="en"),
        Cell(0),
        Cell("x", code=True, lang="en"),
        Cell("", unsaid="Not provided", lang="en"),
        Cell(Status("Recruiting", "good")),
    ]
    html = table_rows(Table("Trials", columns, [row]))
    assert html.startswith(
        '<tr><th scope="row" lang="en"><a class="row" href="/t?a=1&amp;b=2">&lt;b&gt;</a></th>'
        '<td data-head="&lt;n&gt;" class="number">0</td>'
        '<td data-head="C" class="code" lang="en">x</td>'
        '<td data-head="D"><span class="unsaid">Not provided</span></td>'
        '<td data-head="E"><span class="status good">'
    )
    assert html.endswith("Recruiting</span></td></tr>\n")
