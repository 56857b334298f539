"""Participants in a cut: how far each came, what they consented to, the epochs they were in."""

from dataclasses import dataclass

from trialwright.analysis.cut_checks import CutError, date_text, one_of, sort_field

SCREENED = "screened"
CONSENTED = "consented"
ELIGIBLE = "eligible"
RANDOMISED = "randomised"
TREATED = "treated"
STOPPING_EVENT = "stopping_event"
TREATMENTS = ("full", "part", "none")
ENDINGS = ("withdrawn", "lost", "died", "completed")
STOPS = ("treatment", "visits", "contact", "samples")
EXCLUSIONS = ("ineligible", "declined", "other")
CONSENT_GIVERS = ("participant", "representative", "waived")


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that happened to a participant on the way, and when (`SCREENED`, …)."""

    name: str
    at: str

    def __post_init__(self) -> None:
        date_text(self.at, f"step {self.name}")


@dataclass(frozen=True, slots=True)
class Exclusion:
    """Why a screened person was not randomised; `criteria` are identifiers in the protocol."""

    kind: str
    on: str
    criteria: tuple[str, ...] = ()
    reason: str = ""

    def __post_init__(self) -> None:
        one_of(self.kind, EXCLUSIONS, "exclusion")
        date_text(self.on, "exclusion")
        object.__setattr__(self, "criteria", tuple(sorted(set(self.criteria))))


@dataclass(frozen=True, slots=True)
class Treatment:
    """Whether the allocated treatment was given in full, in part or not at all.

    Why not in full is free text about the treatment: it stands in the sealed part.
    """

    status: str
    on: str

    def __post_init__(self) -> None:
        one_of(self.status, TREATMENTS, "treatment")
        date_text(self.on, "treatment")


@dataclass(frozen=True, slots=True)
class Ending:
    """A withdrawal, loss, death or completion, and which of `STOPS` end with it."""

    kind: str
    on: str
    stops: tuple[str, ...] = ()
    reason: str = ""

    def __post_init__(self) -> None:
        one_of(self.kind, ENDINGS, "ending")
        date_text(self.on, "ending")
        for stop in self.stops:
            one_of(stop, STOPS, "what an ending stops")
        object.__setattr__(self, "stops", tuple(s for s in STOPS if s in self.stops))


@dataclass(frozen=True, slots=True)
class Participant:
    """One screened person. `code` is their key everywhere in the cut; `state` is for display.

    kind: of participant, where the protocol has several. linked_to: the code of whom they are
    linked to, arm_of: of whose arm they share; both may be empty. group: the key of the group that
    they are in, "" before and where the protocol has none.
    """

    code: str
    site: str
    screening_number: str
    state: str
    steps: tuple[Step, ...]
    exclusion: Exclusion | None = None
    treatment: Treatment | None = None
    endings: tuple[Ending, ...] = ()
    kind: str = ""
    linked_to: str = ""
    arm_of: str = ""
    group: str = ""

    def __post_init__(self) -> None:
        sort_field(self, "steps", lambda s: (s.at, s.name))
        sort_field(self, "endings", lambda e: (e.on, e.kind))
        if self.exclusion and self.at(RANDOMISED):
            raise CutError(f"participant {self.code}: excluded from randomisation and randomised")

    def at(self, step: str) -> str | None:
        """When the participant first reached this step, or None."""
        return next((s.at for s in self.steps if s.name == step), None)


@dataclass(frozen=True, slots=True)
class ConsentPart:
    """One part of one consent: whether it was agreed to, and when it was withdrawn if it was.

    given_by: `participant`, `representative`, or `waived`: then no part, language or version is
    there, and `given_at` is when the data begin. assent: `yes` or `no` of a representative's
    consent where it was asked for.
    """

    participant: str
    given_at: str
    version: str
    language: str
    explained_by: str
    part: str
    agreed: bool
    withdrawn_on: str | None = None
    reason: str = ""
    given_by: str = "participant"
    assent: str = ""

    def __post_init__(self) -> None:
        one_of(self.given_by, CONSENT_GIVERS, f"consent of {self.participant}")
        one_of(self.assent, ("", "yes", "no"), f"consent of {self.participant}")
        date_text(self.given_at, f"consent of {self.participant}")
        date_text(self.withdrawn_on, f"consent of {self.participant}")


@dataclass(frozen=True, slots=True)
class EpochSpan:
    """One epoch that a participant has begun: its first day, and the day it ended if it has."""

    participant: str
    epoch: str
    start: str
    end: str | None = None

    def __post_init__(self) -> None:
        where = f"epoch {self.epoch} of {self.participant}"
        date_text(self.start, where)
        date_text(self.end, where)
        if self.end is not None and self.end < self.start:
            raise CutError(f"{where}: it ended before it began")
