"""What is said of one consent, and whether whoever gave it may, at the participant's age."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from trialwright.conduct.models import Instead
from trialwright.conduct.refusals import Problem
from trialwright.protocol.consent import Consent, Giver
from trialwright.protocol.values import PartialDate


@dataclass(frozen=True, slots=True)
class ConsentReport:
    """What is said of one consent.

    explained_by: the id of the person who explained it. parts: every part of the document, agreed
    to or declined. born: when the participant was born, as far as it is known, where the protocol
    has an age (`2014`, `2014-05`). assent: of a representative's consent, whether the participant
    assented; None where they weren't asked.
    """

    version: str
    language: str
    explained_by: UUID
    given_at: datetime
    parts: Mapping[str, bool]
    given_by: Giver = Giver.PARTICIPANT
    born: str = ""
    assent: bool | None = None

    @property
    def columns(self) -> dict[str, object]:
        """The columns of a consent's row."""
        represented = self.given_by is Giver.REPRESENTATIVE
        return {
            "version": self.version,
            "language": self.language,
            "explained_by": self.explained_by,
            "given_at": self.given_at,
            "parts": {key: bool(self.parts[key]) for key in sorted(self.parts)},
            "instead": Instead.REPRESENTATIVE.value if represented else None,
            "born": self.born or None,
            "assent": self.assent if represented else None,
        }


def problems_of_giver(document: Consent, report: ConsentReport, on: date) -> list[Problem]:
    """What is wrong with who gave a consent on a day; empty where nothing is."""
    if report.given_by not in document.given_by:
        words = _("The protocol does not let this person consent. Choose another.")
        return [Problem("given_by", words)]
    if not document.asks_birth:
        return []
    try:
        born = PartialDate.parse(report.born)
    except ValueError:
        words = _("Say when the participant was born: the year, the month or the day.")
        return [Problem("born", words)]
    if born.first > on:
        return [Problem("born", _("Enter a day before the consent."))]
    return [*_of_majority(document, report, born, on), *_of_assent(document, report, born, on)]


def _of_majority(
    document: Consent, report: ConsentReport, born: PartialDate, on: date
) -> list[Problem]:
    age = {"age": document.majority}
    if report.given_by is Giver.PARTICIPANT and not document.may_be_of_age(born, on):
        words = _(
            "Below %(age)s years the participant can't consent alone. Record the consent of the "
            "representative."
        )
        return [Problem("given_by", words % age)] if document.majority is not None else []
    if (
        report.given_by is Giver.REPRESENTATIVE
        and document.majority is not None
        and not document.may_be_minor(born, on)
    ):
        words = _("From %(age)s years on the participant consents. Record their own consent.")
        return [Problem("given_by", words % age)]
    return []


def _of_assent(
    document: Consent, report: ConsentReport, born: PartialDate, on: date
) -> list[Problem]:
    needed = report.given_by is Giver.REPRESENTATIVE and document.needs_assent(born, on)
    if not needed or report.assent:
        return []
    words = _(
        "From %(age)s years on there is no consent without the participant's assent. If they "
        "don't assent, record a screening failure."
    )
    return [Problem("assent", words % {"age": document.assent_from})]
