"""What `trialwright demo` shows: the demonstration study, built once and then kept."""

from collections.abc import Callable

from trialwright.config.home import secret

STUDY = "DEMO-HAEC-01"


def ensure(participants: int, *, tell: Callable[[str], None]) -> list[str]:
    """Build the demonstration study unless it is there; returns a line for each of its people.

    A building that was broken off goes on. With 0 participants there are the people and the signed
    protocol alone.
    """
    from django.utils import timezone

    from trialwright.accounts.roles import ROLE_LABELS
    from trialwright.conduct.demonstration.building import build
    from trialwright.conduct.demonstration.people import CAST, ensure_people, password_of
    from trialwright.conduct.models import Building

    ensure_people(STUDY, secret("demonstration"))
    built = Building.objects.filter(study=STUDY, finished=True).first()
    if built is None:
        built = build(participants, now=timezone.now(), tell=tell)
        _count_tables()
    if built.participants != participants:
        tell(
            f"The demonstration here has {built.participants} randomised participants and is kept. "
            "For another, set TRIALWRIGHT_HOME to a new folder."
        )
    lines = ["Demonstration people (name, role, site; sign in as / password; try first):"]
    for cast in CAST:
        who = f"{cast.name}, {ROLE_LABELS[cast.role]}" + (f", {cast.site}" if cast.site else "")
        entry = f"{cast.username} / {password_of(cast, secret('demonstration'))}"
        lines.append(f"  {who:<44}  {entry:<26}  {cast.first}")
    return lines


def _count_tables() -> None:
    """Let the server see how full the tables are now, which only their owner may ask for."""
    from django.db import connections

    with connections["owner"].cursor() as cursor:
        cursor.execute("ANALYZE")
    connections["owner"].close()
