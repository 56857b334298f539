"""What `trialwright demo` shows: the demonstration study, built once and then kept."""

from collections.abc import Callable

from django.db import connections
from django.utils import timezone

from trialwright.demonstration import bookmark
from trialwright.demonstration.building import build
from trialwright.demonstration.people import CAST, ensure_people, password_of
from trialwright.demonstration.protocol import demonstration


def ensure(participants: int, *, secret: str, tell: Callable[[str], None]) -> list[str]:
    """Build the demonstration study unless it is there; returns a line for each of its people.

    A building that was broken off goes on. With 0 participants there are the people and the signed
    protocol alone. The people's passwords come from the installation's `secret`.
    """
    study = demonstration().identifier
    ensure_people(study, secret)
    bookmark.prepare()
    built = bookmark.find(study)
    if built is None or not built.finished:
        built = build(participants, now=timezone.now(), tell=tell)
        _count_tables()
    if built.participants != participants:
        tell(
            f"The demonstration here has {built.participants} randomised participants and is kept. "
            "For another, set TRIALWRIGHT_HOME to a new folder."
        )
    lines = ["Demonstration people (name, role, site; sign in as / password; try first):"]
    for cast in CAST:
        role = demonstration().roles.label(cast.role, "en")
        who = f"{cast.name}, {role}" + (f", {cast.site}" if cast.site else "")
        entry = f"{cast.username} / {password_of(cast, secret)}"
        lines.append(f"  {who:<44}  {entry:<26}  {cast.first}")
    return lines


def _count_tables() -> None:
    """Let the server see how full the tables are now, which only their owner may ask for."""
    with connections["owner"].cursor() as cursor:
        cursor.execute("ANALYZE")
    connections["owner"].close()
