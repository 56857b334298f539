"""What the investigator said of results outside the limits of normal, as a cut has it."""

from dataclasses import dataclass

from trialwright.analysis.cut_checks import CutError, date_text


@dataclass(frozen=True, slots=True)
class ResultJudgement:
    """Whether one result outside normal is clinically significant, and what is done about it.

    It stands for the value that the cut holds: a judgement falls with the value it was made of.
    """

    participant: str
    visit: str
    form: str
    repeat: int
    item: str
    significant: bool
    comment: str
    judged_on: str
    occurrence: int = 1

    def __post_init__(self) -> None:
        where = f"judgement of {self.item} on {self.form} of {self.participant}"
        date_text(self.judged_on, where)
        if self.significant and not self.comment:
            raise CutError(f"{where}: a significant result says what is done about it")
