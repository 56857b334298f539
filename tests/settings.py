"""The program's own settings on the embedded server of the tests, as the role that owns tables."""

import os
from pathlib import Path

ROOT = Path(__file__).parent.parent
os.environ["TRIALWRIGHT_HOME"] = str(ROOT / "var" / "test")

from trialwright.config.home import private_folder  # noqa: E402
from trialwright.config.settings import *  # noqa: E402, F403
from trialwright.config.settings import DATABASES  # noqa: E402

# The tables are made by their owner; tests of the web's own rights connect as that role. No name of
# a real database stands here: whatever reaches for one before a test database is made finds none.
DATABASES["default"] = {
    **DATABASES["owner"],
    "CONN_MAX_AGE": 0,
    "NAME": os.environ.get("TRIALWRIGHT_TEST_DATABASE", "no_database_but_one_of_the_tests"),
    "TEST": {"NAME": "test_trialwright"},
}
del DATABASES["owner"]
# Each worker has a database of its own, and so signed heads of its own.
TRIALWRIGHT_HEADS = private_folder(f"heads-{os.environ.get('PYTEST_XDIST_WORKER', 'main')}")
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
# Signing in is tested, not the cost of guessing a password.
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
