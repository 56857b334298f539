"""Sentences for people: an English text and its parameters, told in any language there is.

>>> from trialwright.messages import Message, several
>>> said = Message("Escalate to dose {dose}.", dose=2)
>>> str(said)
'Escalate to dose 2.'

A language is one file, `locale/LANGUAGE/LC_MESSAGES/django.po`, for the pages and for everything
below them; this package needs neither Django nor gettext's programs.
"""

from trialwright.messages.catalogue import languages
from trialwright.messages.message import (
    Joined,
    Message,
    Translatable,
    clauses,
    either,
    in_language,
    sentences,
    several,
)

__all__ = [
    "Joined",
    "Message",
    "Translatable",
    "Words",
    "clauses",
    "either",
    "in_language",
    "languages",
    "sentences",
    "several",
]
