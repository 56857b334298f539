"""Several acts at the same moment, each on a connection of its own."""

import threading
from collections.abc import Callable

from django.db import connection

from tests.integration.conduct.world import STUDY
from trialwright.conduct.refusals import ActionRefused
from trialwright.ledger import files
from trialwright.ledger.verify import verify


def at_once(
    *acts: Callable[[], object], study: str = STUDY
) -> tuple[list[object], list[ActionRefused]]:
    """Do all at once; what came of those that were done, and what was refused. Whatever else is
    raised in one is raised here, and the ledger still agrees with the tables."""
    done: list[object] = []
    refusals: list[ActionRefused] = []
    others: list[BaseException] = []
    gate = threading.Barrier(len(acts))

    def run(act: Callable[[], object]) -> None:
        try:
            gate.wait()
            done.append(act())
        except ActionRefused as refusal:
            refusals.append(refusal)
        except BaseException as error:
            others.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if others:
        raise others[0]
    keys = files.keys()
    found = verify(study, heads_path=files.heads_path(), publics=[keys.public], keys=keys)
    assert [str(each) for each in found.problems] == []
    return done, refusals
