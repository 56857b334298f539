"""Serve the application on the database of a test with the real server, as `trialwright serve`.

    TRIALWRIGHT_TEST_DATABASE=test_… python -m tests.serve

It prints its port when it is ready.
"""

import os
import sys


def main() -> None:
    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
    import django

    django.setup()
    from trialwright.config import serving

    listening = serving.listen("127.0.0.1", 18_000, attempts=2000)
    port = listening.getsockname()[1]
    serving.serve(listening, when_ready=lambda: _tell(port))


def _tell(port: int) -> None:
    sys.stdout.write(f"{port}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
