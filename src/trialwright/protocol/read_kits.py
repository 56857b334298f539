"""Reading how kits get to participants."""

from decimal import Decimal

from trialwright.protocol.fields import Fields
from trialwright.protocol.kits import Kits, Strength
from trialwright.protocol.roles import Roles
from trialwright.protocol.shapes import KITS, STRENGTH


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
    strengths = tuple(
        Strength(key, inner.text("label")) for key, inner in fields.named("strengths", STRENGTH)
    )
    if fields.has("strengths") and len(strengths) < 2:
        message = "Kits have fewer than two `strengths`, so nothing is chosen among them"
        way_out = "Name another strength, or take `strengths` away."
        fields.reading.problem(fields.line_of("strengths"), message, way_out, "kits")
    return Kits(
        supplied_by=fields.word_among("supplied_by", roles.people) or "",
        received_by=fields.words_among("received_by", roles.people),
        contains=contains,
        unit=fields.words("unit", longest=32) or "",
        line=fields.line,
        strengths=strengths,
    )
