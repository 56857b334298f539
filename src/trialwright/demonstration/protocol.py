"""The demonstration trial's protocol, as it comes with the program."""

from functools import cache
from importlib.resources import files

from trialwright.protocol.loader import parse_file
from trialwright.protocol.model import Protocol

FILE = "demo_haec_01.yaml"


@cache
def demonstration() -> Protocol:
    """DEMO-HAEC-01: a synthetic twin of NCT03223454."""
    return parse_file((files("trialwright.demonstration") / FILE).read_bytes(), FILE)
