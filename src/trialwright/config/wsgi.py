"""The application as a WSGI server loads it."""

import contextlib
import os
from collections.abc import Mapping
from typing import Any

import django
from django.core.handlers.wsgi import WSGIHandler, WSGIRequest


class _Request(WSGIRequest):
    """A request that is there to be refused even if it names an encoding that isn't one of texts.

    Django reads the address in the encoding that is said as soon as it is said, and fails before
    any page could refuse it (`web.readable`).
    """

    def _set_content_type_params(self, meta: Mapping[str, Any]) -> None:
        with contextlib.suppress(LookupError):
            super()._set_content_type_params(meta)  # type: ignore[misc]


class _Handler(WSGIHandler):
    request_class = _Request


os.environ.setdefault("DJANGO_SETTINGS_MODULE", "trialwright.config.settings")
django.setup(set_prefix=False)
application = _Handler()
