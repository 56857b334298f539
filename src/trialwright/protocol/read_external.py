"""Reading an allocation whose list is drawn outside: who uploads it, and its columns."""

from trialwright.protocol.allocations import LIST_COLUMNS, Factor
from trialwright.protocol.fields import Fields
from trialwright.protocol.model import Arm
from trialwright.protocol.roles import CHOOSES, Knows, Roles


def who_uploads(fields: Fields, roles: Roles) -> str:
    """The role that uploads the list, so that it knows every arm: it chooses nobody to allocate."""
    key = fields.word_among("by", roles.people) or ""
    role = roles.by_key.get(key)
    why = way_out = ""
    if role is not None and role.knows_arm is not Knows.YES:
        why = "may not know an arm"
        way_out = f"Write `knows_arm: yes` for `{key}`, or name a role that knows arms."
    elif role is not None and role.at_site:
        why = "is held at one site, and the list is that of all"
        way_out = "Name a role that belongs to no site."
    elif role is not None and role.grants & CHOOSES:
        why = "chooses whom to allocate, knowing the next arm"
        acts = " and ".join(f"`{act}`" for act in sorted(role.grants & CHOOSES))
        way_out = f"Take {acts} from its `may`, or name another role."
    if why:
        message = f"`{key}` uploads the allocation list, and {why}"
        fields.reading.problem(fields.line_of("by"), message, way_out, "blinded-role")
    return key


def check_columns(fields: Fields, arms: tuple[Arm, ...], factors: tuple[Factor, ...]) -> None:
    """Refuse a list of one arm, and factors whose columns couldn't be told from the others."""
    if len(arms) < 2:
        message = "The allocation is of the kind `external`, and leads to one arm"
        way_out = "Write `kind: none`, or name two arms or more."
        fields.reading.problem(fields.line_of("kind"), message, way_out, "allocation-kind")
    for factor in factors:
        if factor.key in LIST_COLUMNS:
            message = f"The factor `{factor.key}` is called as another column of the uploaded list"
            way_out = "Give it another key."
            fields.reading.problem(fields.line_of("strata"), message, way_out, "levels")
