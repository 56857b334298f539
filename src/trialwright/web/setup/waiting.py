"""What waits for a person at the door: studies being set up, and lines of delegation logs."""

from django.utils.translation import gettext as _

from trialwright.accounts.models import Person
from trialwright.accounts.reads import studies_of
from trialwright.conduct.reads.delegations import lines_to_sign
from trialwright.conduct.reads.setup import Phase, enter_setup, phase_of
from trialwright.conduct.refusals import NotFound
from trialwright.web import dates
from trialwright.web.components import Status, Task


def setup_tasks(person: Person) -> list[tuple[str, str, list[Task]]]:
    """Lists of tasks, each with its heading and name; those without a task are empty."""
    lines = [
        Task(
            line.study,
            Status(_("To be signed"), "todo"),
            f"/studies/{line.study}/setup/delegation/{line.id}",
            _("delegated by {name} from {day}").format(
                name=line.delegated_by, day=dates.written(line.begins)
            ),
        )
        for line in lines_to_sign(person)
    ]
    return [
        (_("Delegations to sign"), "delegations", lines),
        (_("Studies being set up"), "setup", _studies(person)),
    ]


def _studies(person: Person) -> list[Task]:
    found = []
    for study in studies_of(person):
        try:
            _actor, row = enter_setup(person, study)
        except NotFound:
            continue
        if phase_of(row) is Phase.SET_UP:
            status = Status(_("Being set up"), "todo")
            found.append(Task(study, status, f"/studies/{study}/setup"))
    return found
