"""Reading the consent: its document, who gives it, or why it is waived."""

from trialwright.protocol.consent import Consent, ConsentPart, Giver
from trialwright.protocol.field_values import LONGEST_VERSION
from trialwright.protocol.fields import Fields
from trialwright.protocol.shapes import CONSENT, CONSENT_PART

_OLDEST = 150


def read_consent(root: Fields) -> Consent | None:
    """The consent document's version, languages, parts and givers; or that it is waived."""
    fields = root.within("consent", CONSENT)
    if fields is None:
        return None
    if fields.has("waived"):
        return _waived(fields)
    for key in ("version", "parts"):
        if not fields.has(key):
            message = f"The consent has no `{key}`"
            way_out = f"Add `{key}:` to the block that begins on line {fields.line}."
            fields.reading.problem(fields.line, message, way_out, "missing-key")
    languages = tuple(name.text for name in fields.names("languages"))
    parts = tuple(
        ConsentPart(key, part.text("label"), part.truth("optional"))
        for key, part in fields.named("parts", CONSENT_PART)
    )
    if parts and all(part.optional for part in parts):
        message = "Every part of the consent is optional"
        way_out = "At least one part is what being in the study means; make it not optional."
        fields.reading.problem(fields.line, message, way_out, "consent")
    consent = Consent(
        fields.words("version", longest=LONGEST_VERSION) or "",
        languages or root.reading.languages,
        parts,
        _givers(fields),
        fields.whole("assent_from", maximum=_OLDEST) if fields.has("assent_from") else None,
        fields.whole("majority", 18, minimum=1, maximum=_OLDEST)
        if fields.has("majority")
        else None,
    )
    _check_ages(fields, consent)
    return consent


def _waived(fields: Fields) -> Consent:
    for key in ("version", "parts", "languages", "given_by", "assent_from", "majority"):
        if fields.has(key):
            message = f"The consent is waived, and has `{key}`"
            way_out = "Keep `waived`, or what is consented to."
            fields.reading.problem(fields.line_of(key), message, way_out, "consent-waived")
    return Consent("", (), (), (), waived=fields.text("waived"))


def _givers(fields: Fields) -> tuple[Giver, ...]:
    known = [Giver.PARTICIPANT, Giver.REPRESENTATIVE]
    return tuple(map(Giver, fields.words_among("given_by", known))) or (Giver.PARTICIPANT,)


def _check_ages(fields: Fields, consent: Consent) -> None:
    """Ages say when a representative consents, and when no longer."""
    represented = Giver.REPRESENTATIVE in consent.given_by
    for key in ("assent_from", "majority"):
        if fields.has(key) and not represented:
            message = f"`{key}` stands where no representative consents"
            way_out = "Add `representative` to `given_by`, or take it away."
            fields.reading.problem(fields.line_of(key), message, way_out, "consent-age")
    both = consent.assent_from is not None and consent.majority is not None
    if both and consent.assent_from >= consent.majority:  # type: ignore[operator]
        message = "Assent begins at the majority or after it"
        way_out = "Whoever is of age consents; write an `assent_from` below `majority`."
        fields.reading.problem(fields.line_of("assent_from"), message, way_out, "consent-age")
    if consent.majority is not None and Giver.PARTICIPANT not in consent.given_by:
        message = "Who comes of age consents again, and no participant may"
        way_out = "Add `participant` to `given_by`, or take `majority` away."
        fields.reading.problem(fields.line_of("majority"), message, way_out, "consent-age")
