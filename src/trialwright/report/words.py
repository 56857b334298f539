"""The fixed words of reports, each found by its key and told in the language of the report."""

from trialwright.report import (
    words_casebook,
    words_cases,
    words_clocks,
    words_cohorts,
    words_design,
    words_events,
    words_exposure,
    words_holds,
    words_kits,
    words_meetings,
    words_plan,
    words_planning,
    words_products,
    words_trial,
    words_visits,
)

TEXTS = {
    **words_trial.TEXTS,
    **words_design.TEXTS,
    **words_plan.TEXTS,
    **words_planning.TEXTS,
    **words_events.TEXTS,
    **words_exposure.TEXTS,
    **words_clocks.TEXTS,
    **words_cohorts.TEXTS,
    **words_holds.TEXTS,
    **words_kits.TEXTS,
    **words_products.TEXTS,
    **words_meetings.TEXTS,
    **words_casebook.TEXTS,
    **words_cases.TEXTS,
    **words_visits.TEXTS,
}


class ReportWords:
    """The words of one language: `words("table")`, `words("page", page=1, pages=9)`."""

    def __init__(self, language: str) -> None:
        self.language = language

    def __call__(self, key: str, **values: object) -> str:
        return TEXTS[key].filled(**values).in_language(self.language)

    def mark(self, demonstration: bool, training_of: str) -> str | None:
        """What stands across a document whose participants are invented; None where they are real.

        Args:
            training_of: the study that it is a training copy of, or empty.
        """
        if training_of:
            return self("training_mark")
        return self("demonstration_mark") if demonstration else None

    def has(self, key: str) -> bool:
        """Whether there is a text of this key."""
        return key in TEXTS
