"""What a registration does not tell: each gap with its words."""

from __future__ import annotations

from dataclasses import dataclass

from trialwright.messages import Message

# Every gap that a draft can have, by its name. {about} is what it is about.
_WORDS: dict[str, Message] = {
    "title": Message("its title"),
    "summary": Message("what the trial is for (brief summary)"),
    "sponsor": Message("who the sponsor is"),
    "phase": Message("its phase"),
    "participants": Message("how many participants"),
    "arms": Message("its arms or groups"),
    "arm type": Message("what kind of arm “{about}” is"),
    "arm description": Message("what is done in arm “{about}”"),
    "arm products": Message("which arm is given “{about}”"),
    "product description": Message("what “{about}” is exactly, and its dose"),
    "release": Message("what a lot of a product must pass before it is given"),
    "allocation": Message("whether participants are randomised"),
    "ratio": Message("the allocation ratio"),
    "ratio order": Message("which arm has which share of the ratio it gives"),
    "block sizes": Message("how participants are randomised: block sizes and strata"),
    "masking": Message("whether anyone is masked"),
    "who is masked": Message("which roles are masked"),
    "care provider": Message(
        "which of the people who treat participants are masked (“care provider”)"
    ),
    "criteria": Message("who may take part"),
    "exclusion": Message("who must not take part"),
    "headings": Message("which criteria include and which exclude: the text has no headings"),
    "age": Message("a lower limit of age"),
    "sex": Message("which sex may take part"),
    "outcomes": Message("any outcome"),
    "primary outcome": Message("a primary outcome"),
    "time frame": Message("when “{about}” is measured"),
    "time frame words": Message(
        "on which day “{about}” is measured: its time frame names none that can be counted"
    ),
    "repetition": Message(
        "on which visits “{about}” is measured: it repeats, and when that ends is not counted"
    ),
    "measure": Message(
        "how “{about}” is measured in one participant: its unit, range and instrument"
    ),
    "visit anchor": Message("what the days of visits are counted from"),
    "visits": Message("the visits, their windows, and what is done at each"),
    "estimand": Message("what is done about events that change what an outcome means (ICH E9(R1))"),
    "analysis": Message("how arms are compared"),
    "stopping": Message("when the trial is stopped or held"),
    "consent": Message("what participants consent to, part by part"),
    "left out": Message(
        "its free text, which this copy of the record leaves out: read it at the register"
    ),
}


@dataclass(frozen=True, slots=True)
class Gap:
    """One thing that a registration does not tell; `about` is what in particular."""

    name: str
    about: str = ""

    def words(self, language: str = "en") -> str:
        """The gap in words: completes "This registration does not tell …"."""
        return _WORDS[self.name].filled(about=self.about).in_language(language)
