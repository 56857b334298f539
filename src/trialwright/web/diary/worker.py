"""The service worker: served from `/diary/`, so that it works there and nowhere else."""

from django.contrib.staticfiles.finders import find
from django.contrib.staticfiles.storage import staticfiles_storage
from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache

_NAME = "trialwright/diary-worker.js"


@never_cache
def worker(request: HttpRequest) -> HttpResponse:
    """The script itself."""
    return HttpResponse(_text(), content_type="text/javascript; charset=utf-8")


def _text() -> bytes:
    if staticfiles_storage.exists(_NAME):
        with staticfiles_storage.open(_NAME) as file:
            return bytes(file.read())
    path = find(_NAME)
    assert isinstance(path, str)  # noqa: S101 - it is ours
    with open(path, "rb") as file:  # noqa: PTH123
        return file.read()
