"""The files attached to participants and their forms as a cut has them: never the files."""

from dataclasses import dataclass

from trialwright.analysis.cut_checks import date_text


@dataclass(frozen=True, slots=True)
class Attachment:
    """One file that stood on the day of the cut, told apart by its hash (SHA-256).

    `visit` and `form` are empty, and `repeat` and `occurrence` 1, for one of the participant as a
    whole. In the sealed part stand those of forms that could reveal an arm.
    """

    participant: str
    number: int
    visit: str
    form: str
    repeat: int
    kind: str
    size_bytes: int
    sha256: str
    about: str
    attached_on: str
    occurrence: int = 1

    def __post_init__(self) -> None:
        date_text(self.attached_on, f"attachment {self.number} of {self.participant}")

    @property
    def place(self) -> tuple[str, int]:
        """Whose it is, and which."""
        return self.participant, self.number
