"""Reading what a laboratory's reference range goes by."""

from trialwright.protocol.fields import Fields
from trialwright.protocol.laboratory import Laboratory
from trialwright.protocol.shapes import LABORATORY


def read_laboratory(root: Fields) -> Laboratory | None:
    """The block; None where the study has none."""
    fields = root.within("laboratory", LABORATORY)
    if fields is None:
        return None
    return Laboratory(
        fields.words("sex") or "", fields.words("age"), fields.words("born"), fields.line
    )
