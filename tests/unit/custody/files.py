"""A product for the tests of custody, read from a protocol file."""

from functools import cache
from pathlib import Path

from trialwright.protocol.loader import parse_file
from trialwright.protocol.model import Protocol
from trialwright.protocol.products import Product

SMALL = Path(__file__).parents[1] / "protocol" / "files" / "small.yaml"
MORE = """\
    use_within_hours: 4
    may_be_open: [sterility]
    donor_tests:
      hiv: {label: "HIV", type: yes_no, requires: "not hiv"}
    retest_after_days: 180
    components: {bag: {label: "Bag"}}
    container: {holds: 1, unit: "10⁶", keep_years: 30}
    suits: "rhd == 'neg' or screening.who.age < 60"
    release:
      sterility: {label: "Sterility", type: yes_no, requires: "sterility"}
      rhd: {label: "RhD", type: choice, choices: rhd, requires: "rhd in ('pos', 'neg')"}
"""


@cache
def protocol() -> Protocol:
    text = SMALL.read_text(encoding="utf-8").replace("    release:\n", MORE, 1)
    codes = 'code_lists:\n  rhd: {pos: {label: "Positive"}, neg: {label: "Negative"}}\n'
    return parse_file(text.replace("code_lists:\n", codes, 1).encode())


def product() -> Product:
    return protocol().product("cells")
