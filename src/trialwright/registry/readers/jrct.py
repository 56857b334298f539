"""jRCT, the Japan Registry of Clinical Trials: a trial's page in English, as saved from the site.

The register gives no file of a trial; its page is a table of labels and values, read here as the
facts of the portal ICTRP.
"""

from __future__ import annotations

from lxml import etree, html

from trialwright.registry.readers.errors import UnreadableError
from trialwright.registry.readers.ictrp import Texts, read_ictrp
from trialwright.registry.record.record import Record

_LABELS = {
    "trial id": "TrialID",
    "public title": "Public_title",
    "scientific title": "Scientific_title",
    "recruitment status": "Recruitment_Status",
    "date of registration": "Date_registration",
    "last modified on": "Last_Refreshed_on",
    "date of first enrolment": "Date_enrollement",
    "completion date or terminated date": "results_date_completed",
    "target sample size": "Target_size",
    "study type": "Study_type",
    "study design": "Study_design",
    "phase": "Phase",
    "health condition or problem studied": "Condition",
    "health condition(s) or problem(s) studied": "Condition",
    "primary sponsor": "Primary_sponsor",
    "secondary sponsor": "Secondary_Sponsor",
    "secondary id no.": "Secondary_ID",
    "countries / regions of recruitment": "Countries",
    "countries of recruitment": "Countries",
    "inclusion criteria": "Inclusion_Criteria",
    "exclusion criteria": "Exclusion_Criteria",
    "age minimum": "Inclusion_agemin",
    "age maximum": "Inclusion_agemax",
    "gender": "Inclusion_gender",
    "primary outcome": "Primary_outcome",
    "primary outcome(s)": "Primary_outcome",
    "secondary outcome": "Secondary_outcome",
    "secondary outcome(s)": "Secondary_outcome",
}
_INTERVENTION = "generic name etc"


def read_jrct(raw: bytes) -> Record:
    """Read a trial's page.

    Raises:
        UnreadableError: it is a page, and not one of a trial in jRCT.
    """
    try:
        root = html.fromstring(raw)
    except (etree.LxmlError, ValueError) as error:
        raise UnreadableError(f"this is a web page that can't be read: {error}") from None
    texts: Texts = {}
    for row in root.iter("tr"):
        cells = [" ".join(cell.text_content().split()) for cell in row if cell.tag in {"th", "td"}]
        label, value = [*cells, "", ""][:2]
        if name := _LABELS.get(label.lower().rstrip(":")):
            separator = "/" if name == "Countries" else "\n"
            parts = [part.strip() for part in value.split(separator)] if value not in "-" else []
            known = [texts[name]] if name in texts else []
            texts[name] = "\n".join([*known, *filter(None, parts)])
        elif label.lower().startswith(_INTERVENTION) and not label.endswith(": -"):
            named = label.partition(":")[2].strip()
            texts["Intervention"] = "\n".join(filter(None, [texts.get("Intervention"), named]))
    if not texts.get("TrialID", "").startswith("jRCT"):
        raise UnreadableError("this is a web page; only those of a trial in jRCT are read")
    return read_ictrp(texts)
