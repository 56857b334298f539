"""Reading how kits get to participants."""

from decimal import Decimal

from trialwright.protocol.fields import Fields
from trialwright.protocol.kits import Kits
from trialwright.protocol.roles import Roles
from trialwright.protocol.shapes import KITS


def read_kits(root: Fields, roles: Roles) -> Kits | None:
    """The kits' block; None where the study has none."""
    fields = root.within("kits", KITS)
    if fields is None:
        return None
    contains = fields.number("contains") or Decimal(0)
    if fields.has("contains") and contains <= 0:
        message = "A kit contains nothing"
        way_out = "Write how much a full kit holds, above 0."
        fields.reading.problem(fields.line_of("contains"), message, way_out, "kits")
    return Kits(
        supplied_by=fields.word_among("supplied_by", roles.people) or "",
        received_by=fields.words_among("received_by", roles.people),
        contains=contains,
        unit=fields.words("unit", longest=32) or "",
        line=fields.line,
    )
