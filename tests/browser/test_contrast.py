"""The look at contrast by kinds of text finds what axe's look at every text finds."""

from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext

from tests.browser.conftest import accessible

ROWS = "".join(f"<tr><td>Row {number}</td><td>Text</td></tr>" for number in range(40))
PAGE = """<!doctype html><html lang="en"><head><title>Rows</title><style>
body {{ background: #fff; color: #222 }} .pale {{ color: #bbb }} .dim td {{ background: #333 }}
.raised {{ position: absolute; background: #fff; color: #ccc }}
@media (prefers-color-scheme: dark) {{ body {{ background: #111; color: #eee }}
.night {{ color: #333 }} }}
</style></head><body><main><h1>Rows</h1><table><tr><th>One</th><th>Two</th></tr>{rows}{last}</table>
</main></body></html>"""


@pytest.mark.parametrize(
    ("last", "scheme"),
    [
        ("<tr><td class='pale'>Of its own class</td><td>Text</td></tr>", "light"),
        ("<tr><td style='color: #bbb'>Of its own style</td><td>Text</td></tr>", "light"),
        ("<tr class='dim'><td>On another ground</td><td>Text</td></tr>", "light"),
        ("<tr><td><span class='raised'>Out of the flow</span></td><td>Text</td></tr>", "light"),
        ("<tr><td class='pale'>x</td><td class='pale'>x</td></tr>" * 3
         + "<tr><td class='pale'>After single letters</td><td>Text</td></tr>", "light"),
        ("<tr><td class='night'>In the dark alone</td><td>Text</td></tr>", "dark"),
    ],
)  # fmt: skip
def test_a_fault_of_one_kind_behind_forty_rows_is_found(
    open_context: Callable[..., BrowserContext], last: str, scheme: str
) -> None:
    page = open_context(scheme=scheme).new_page()
    page.set_content(PAGE.format(rows=ROWS, last=""))
    accessible(page)
    page.set_content(PAGE.format(rows=ROWS, last=last))
    with pytest.raises(AssertionError, match="color-contrast"):
        accessible(page)
    page.set_content(PAGE.format(rows=ROWS, last=""))
    page.emulate_media(color_scheme="dark" if scheme == "light" else "light")
    accessible(page)


def test_a_change_of_scheme_is_looked_at_anew(
    open_context: Callable[..., BrowserContext],
) -> None:
    page = open_context().new_page()
    last = "<tr><td class='night'>In the dark alone</td><td>Text</td></tr>"
    page.set_content(PAGE.format(rows=ROWS, last=last))
    accessible(page)
    page.emulate_media(color_scheme="dark")
    with pytest.raises(AssertionError, match="color-contrast"):
        accessible(page)
