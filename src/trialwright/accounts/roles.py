"""The roles people have in a study: the protocol's, with their names for people."""

from django.utils.translation import gettext_lazy as _

from trialwright.protocol.basics import Role

__all__ = ["AT_A_SITE", "PEOPLE", "ROLE_LABELS", "Role"]

ROLE_LABELS = {
    Role.INVESTIGATOR: _("investigator"),
    Role.OPERATING_SURGEON: _("operating surgeon"),
    Role.COORDINATOR: _("coordinator"),
    Role.OUTCOME_ASSESSOR: _("outcome assessor"),
    Role.PRODUCT_HANDLER: _("product handler"),
    Role.LABORATORY_RELEASER: _("laboratory releaser"),
    Role.MONITOR: _("monitor"),
    Role.SAFETY_BOARD: _("safety board"),
    Role.BOARD_STATISTICIAN: _("board statistician (unmasked)"),
    Role.TRIAL_STATISTICIAN: _("trial statistician (masked)"),
    Role.SAFETY_PHYSICIAN: _("sponsor safety physician"),
    Role.DATA_MANAGER: _("data manager"),
    Role.ADMINISTRATOR: _("administrator without clinical data"),
}

# A participant is masked or not like the others, but she doesn't sign in.
PEOPLE = tuple(ROLE_LABELS)

# Roles that work at one site and see the participants of that site alone.
AT_A_SITE = frozenset(
    {Role.INVESTIGATOR, Role.OPERATING_SURGEON, Role.COORDINATOR, Role.PRODUCT_HANDLER}
)
