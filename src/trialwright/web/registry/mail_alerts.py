"""What is new in the searches that people have mailed to them, once a day each.

A mail tells what the search's feed tells, since the last one. A search is looked at under its row's
lock and marked in the same transaction: of several servers one sends, and a mail that could not be
sent is tried again an hour later. All of it is public; a mail names no study of the installation.
While the library can't be read none is sent, and what came meanwhile is told when it can be.
"""

import logging
import threading
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import Error, connection, transaction
from django.http import QueryDict
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from trialwright.accounts import search_alerts
from trialwright.accounts.mail_address import address_of
from trialwright.accounts.models import SearchAlert
from trialwright.registry.library.library import Library, LibraryError
from trialwright.registry.search.watching import Arrival, arrivals
from trialwright.web.registry.active_library import active_library
from trialwright.web.registry.feed import MOST_ENTRIES, what_is_new
from trialwright.web.registry.request import SearchRequest
from trialwright.web.registry.search_page import FILTER_NAMES, code_name

EVERY_SECONDS = 300.0
_AGAIN = timedelta(hours=1)
_log = logging.getLogger("trialwright.alerts")


def begin_watching() -> None:
    """Have a thread of this process send them."""
    threading.Thread(target=_watch, name="search alerts", daemon=True).start()


def _watch() -> None:
    while True:
        try:
            send(datetime.now(UTC))
        except Error:
            pass  # told by whoever asks the database for more
        except LibraryError as error:
            _log.error("The library of trials can't be read, and no search is mailed. %s", error)
        finally:
            connection.close()
        time.sleep(EVERY_SECONDS)


def send(now: datetime) -> int:
    """Send what is due; returns how many mails went out. A search without news is none."""
    sent = 0
    while (news := _next(now)) is not None:
        sent += news
    return sent


def newest(asked: SearchRequest) -> datetime | None:
    """When the newest trial of a search came; None where it has none."""
    library = active_library().library
    dates = (each.when for each in _arrivals(asked, library))
    return max(filter(None, dates), default=None)


def _next(now: datetime) -> bool | None:
    """Look at the next search that is due: whether a mail was sent; None where none is due."""
    here = active_library()
    if here.unreadable:
        # The sample that the pages show meanwhile is nobody's news. Nothing is marked as looked at.
        return None
    library = here.library
    with transaction.atomic():
        row = search_alerts.next_due(now)
        if row is None:
            return None
        news = _news(row, library)
        row.looked_at = now
        if news and _is_sent(_mail(row, library, news)):
            row.told_until = max(each.when for each in news if each.when)
        elif news:
            # Others don't wait for an address that is refused.
            row.looked_at = now - search_alerts.EVERY + _AGAIN
        row.save(update_fields=["looked_at", "told_until"])
        return bool(news) and row.looked_at == now


def _is_sent(mail: EmailMessage) -> bool:
    try:
        mail.send()
    except OSError as error:  # of which the mail server's refusals are some
        _log.error("What is new in a search could not be sent, and is tried again. %s", error)
        return False
    return True


def _news(row: SearchAlert, library: Library) -> list[Arrival]:
    found = _arrivals(asked_in(row), library)
    return [a for a in found if a.when and (not row.told_until or a.when > row.told_until)]


def _arrivals(asked: SearchRequest, library: Library) -> list[Arrival]:
    try:
        near = asked.near(library)
    except LibraryError:
        near = None
    return arrivals(library, asked.compiled(library, near), MOST_ENTRIES)


def asked_in(row: SearchAlert) -> SearchRequest:
    """The search of a row."""
    return SearchRequest.of(QueryDict(row.search))


def name_of(asked: SearchRequest) -> str:
    """What a search is called in lists: its words, and its limits as the filters name them."""
    limits = [
        f"{FILTER_NAMES[name][0]}: {', '.join(code_name(name, code)[0] for code in codes)}"
        for name, codes in asked.filters.items()
    ]
    near = _("{place}, within {km} km").format(place=asked.place, km=asked.within_km)
    return " · ".join([asked.words or _("all"), *limits, *([near] if asked.place else [])])


def _mail(row: SearchAlert, library: Library, news: Sequence[Arrival]) -> EmailMessage:
    here = settings.TRIALWRIGHT_ADDRESS
    asked = asked_in(row)
    with translation.override(row.person.language):
        subject = ngettext(
            "{count} trial is new or changed: {search}",
            "{count} trials are new or changed: {search}", len(news),
        ).format(count=len(news), search=" ".join(name_of(asked).split())[:120])  # fmt: skip
        trials = [
            f"{each.facts['title'] or each.facts['nct']}\n{what_is_new(library, each)}\n"
            f"{here}/trials/{each.facts['nct']}"
            for each in news
        ]
        parts = [
            *trials,
            _("The search:") + f"\n{here}{asked.address()}",
            _("You asked for this mail. End it here:") + f"\n{here}/account/searches",
        ]
    return EmailMessage(subject, "\n\n".join(parts) + "\n", to=[address_of(row.person)])
