"""A log of JSON lines tells as much as the plain one and no answer."""

import json
import logging
import sys

from trialwright.config.logs import JsonFormatter


def test_a_failure_is_told_by_its_kind_and_its_lines_of_code() -> None:
    typed = str(1250) + " mg"
    try:
        int(typed)
    except ValueError:
        told = logging.LogRecord(
            "trialwright", logging.ERROR, "", 0, "It failed: %s", ("so",), sys.exc_info()
        )
    said = json.loads(JsonFormatter().format(told))
    assert said["level"] == "ERROR" and said["logger"] == "trialwright"
    assert said["message"] == "It failed: so" and "\n" not in JsonFormatter().format(told)
    assert "builtins.ValueError" in said["failure"] and "1250" not in said["failure"]
    assert said["time"].endswith("Z")
