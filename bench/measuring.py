"""What a measurement needs besides a clock: on a shared machine the seconds of a core say more."""

import os
import time
from pathlib import Path


def processor_seconds(server: int) -> float:
    """What this process and the server's process for it have used of a core (Linux)."""
    words = Path(f"/proc/{server}/stat").read_text().rpartition(")")[2].split()
    ticks = int(words[11]) + int(words[12])
    return time.process_time() + ticks / os.sysconf("SC_CLK_TCK")


def server_of_this_connection() -> int:
    """The process number of the database server's process for Django's connection."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        return int(cursor.fetchone()[0])
