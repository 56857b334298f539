"""The language is part of the address when one asks for it: `?language=zh-hans` on any page.

A link to a page in a language can so be shared, and works without JavaScript and without a form.
The choice is kept in Django's own language cookie.
"""

from collections.abc import Callable
from typing import NamedTuple

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import translation

from trialwright.messages.catalogue import named_languages

PARAMETER = "language"


class Language(NamedTuple):
    """A language as the switch shows it: `tag` for `lang` attributes, `href` to this page in it."""

    code: str
    tag: str
    name: str
    href: str


NAMES = {each.code: (each.tag, each.name) for each in named_languages()}


class LanguageMiddleware:
    """Takes the language from the address, and remembers it. Stands after LocaleMiddleware."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        asked = request.GET.get(PARAMETER)
        if asked not in NAMES:
            return self.get_response(request)
        translation.activate(asked)
        request.LANGUAGE_CODE = asked
        response = self.get_response(request)
        response.set_cookie(
            settings.LANGUAGE_COOKIE_NAME, asked, max_age=365 * 86400, samesite="Lax", httponly=True
        )
        return response


def current_tag() -> str:
    """The BCP 47 tag of the language in use."""
    return NAMES.get(translation.get_language() or "en", NAMES["en"])[0]


def others(request: HttpRequest) -> list[Language]:
    """The languages this page is not in, each with the page's address in it."""
    links = []
    for code, (tag, name) in NAMES.items():
        if tag != current_tag():
            query = request.GET.copy()
            query[PARAMETER] = code
            links.append(Language(code, tag, name, f"{request.path}?{query.urlencode()}"))
    return links
