"""How an action says no: a sentence for the person, and nothing written."""

from dataclasses import dataclass

from django.utils.functional import Promise

Sentence = str | Promise


class NotFound(Exception):
    """There is no such thing, or not for this person: pages answer 404, never a hint."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One sentence about one field; the field is empty where it is about the whole.

    One that `asks` wants a remark: the unlikely is accepted with its reason.
    """

    field: str
    sentence: Sentence
    asks: bool = False


class ActionRefused(Exception):
    """A rule of the trial forbids it. The sentences say what happened, the rule and the way out."""

    def __init__(self, sentence: Sentence = "", *, problems: tuple[Problem, ...] = ()) -> None:
        self.problems = problems or (Problem("", sentence),)
        super().__init__(self.problems)

    def __str__(self) -> str:
        return " ".join(str(problem.sentence) for problem in self.problems)


class Conflict(ActionRefused):
    """Somebody else was first; what was typed is kept, and both versions can be seen."""
