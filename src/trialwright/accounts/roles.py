"""The roles people have in a study, as the field names them."""

from enum import StrEnum

from django.utils.translation import gettext_lazy as _


class Role(StrEnum):
    """One role of one person in one study; a person may hold several."""

    INVESTIGATOR = "investigator"
    OPERATING_SURGEON = "operating_surgeon"
    COORDINATOR = "coordinator"
    OUTCOME_ASSESSOR = "outcome_assessor"
    PRODUCT_HANDLER = "product_handler"
    LABORATORY_RELEASER = "laboratory_releaser"
    MONITOR = "monitor"
    SAFETY_BOARD = "safety_board"
    BOARD_STATISTICIAN = "board_statistician"
    TRIAL_STATISTICIAN = "trial_statistician"
    SPONSOR_SAFETY_PHYSICIAN = "sponsor_safety_physician"
    DATA_MANAGER = "data_manager"
    ADMINISTRATOR = "administrator"


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
    Role.SPONSOR_SAFETY_PHYSICIAN: _("sponsor safety physician"),
    Role.DATA_MANAGER: _("data manager"),
    Role.ADMINISTRATOR: _("administrator without clinical data"),
}

# Roles that work at one site and see the participants of that site alone.
AT_A_SITE = frozenset(
    {
        Role.INVESTIGATOR,
        Role.OPERATING_SURGEON,
        Role.COORDINATOR,
        Role.PRODUCT_HANDLER,
    }
)
