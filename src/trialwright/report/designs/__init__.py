"""A design told: its rule in words and tables, and how it performs, as parts of a document."""

from trialwright.report.designs.case import Case, Question, Told, named
from trialwright.report.designs.tell import family_of, tell

__all__ = ["Case", "Question", "Told", "family_of", "named", "tell"]
