"""A design told: its rule in words and tables, and how it performs, as parts of a document."""

from trialwright.report.designs.case import Case, DesignSummary, Question, named
from trialwright.report.designs.summaries import family_of, summarise

__all__ = ["Case", "DesignSummary", "Question", "family_of", "named", "summarise"]
