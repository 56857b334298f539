"""The manual: a chapter for each kind of work, each a few sentences in the order of doing.

A button or a page is named by its own message, so that the manual says what the screen says.
"""

import re
from dataclasses import dataclass

from trialwright.messages import Message


@dataclass(frozen=True, slots=True)
class Chapter:
    """One chapter. `here` matches the addresses below a study from which a page leads to it."""

    slug: str
    heading: Message
    steps: tuple[Message, ...]
    here: str = ""


CHAPTERS = (
    Chapter(
        "a-day",
        Message("A day's work"),
        (
            Message(
                "Begin with “{page}”: it lists what waits for you in all your studies, the "
                "most urgent first, and each row leads to where it is done.",
                page=Message("Today"),
            ),
            Message(
                "The search in the header finds a participant by code, also by a part of it."
            ),
            Message(
                "What you type is kept as a draft after a second, and it is not saved before "
                "you press “{button}”. A draft stands under “{page}” until then.",
                button=Message("Save"), page=Message("Today"),
            ),
            Message(
                "When the screen locks or the connection is lost, nothing typed is lost: sign "
                "in again and you are in the same field."
            ),
            Message(
                "Every page works with the keyboard alone, and can be read in English and in "
                "Chinese: the other language is in the header."
            ),
        ),
    ),
    Chapter(
        "a-participant-enters",
        Message("A participant enters the trial"),
        (
            Message(
                "Press “{button}” on the page of participants: the code is given then, and no "
                "name is asked.",
                button=Message("Add to the screening log"),
            ),
            Message(
                "“{button}” comes before any study procedure: who explained it, when, in which "
                "language, and each part agreed to or declined.",
                button=Message("Record consent"),
            ),
            Message(
                "Record the screening visit and fill in its forms. The eligibility page shows "
                "what the answers say of each criterion, and links to the form where one is "
                "missing."
            ),
            Message(
                "Who may confirm an eligibility signs it; then “{button}” shows stratum and "
                "what is missing, and asks the password.",
                button=Message("Randomise"),
            ),
            Message(
                "Where the protocol has groups, that signature places the participant in one. The "
                "page “{button}” shows how many each has, and what opens and closes it.",
                button=Message("Groups"),
            ),
            Message(
                "Who doesn't go on has “{button}”, with the reason.",
                button=Message("Record a screening failure"),
            ),
        ),
        r"screen$|participants/[^/]+/(consent|eligibility|randomise|screen-failure)|participants$",
    ),
    Chapter(
        "visits-and-forms",
        Message("Visits and forms"),
        (
            Message(
                "A visit has a window. Press “{button}” and give its day; a day outside the "
                "window is accepted and becomes a deviation.",
                button=Message("It took place"),
            ),
            Message(
                "All forms of a visit can be filled in on one page; each is saved as itself."
            ),
            Message(
                "A date may be typed as “3 mar 2026” or “2026-03”, a number with a comma or a "
                "point; a column of results can be pasted into the first box of a table."
            ),
            Message(
                "What is impossible is refused. What is merely unlikely is accepted with a "
                "reason, and becomes a query."
            ),
            Message(
                "Where there is no value, say why: the reasons are folded beneath the box."
            ),
            Message(
                "A change of a saved value asks its reason. Scores, checks and criteria that "
                "depend on it are computed anew, and signatures on what changed are void."
            ),
            Message(
                "“{button}” on a form or a participant takes a PDF or a picture of at most 5 MB. "
                "Black out names before; the program can't see them. A signature on the form "
                "covers its files, the casebook lists them, and who removes one says why.",
                button=Message("Attachments"),
            ),
            Message(
                "“{button}” on the page of a planned visit agrees on a moment; it is moved or "
                "cancelled with a reason, and the visit itself says whether it was kept. "
                "“{page}” shows the month, and the visits that have no appointment yet.",
                button=Message("Make an appointment"), page=Message("Calendar"),
            ),
            Message(
                "“{page}” makes a link by which a calendar program shows codes and visits, "
                "without signing in; end it when a device is lost.",
                page=Message("In my own calendar"),
            ),
            Message(
                "If somebody else saved the form meanwhile, both versions stand beside each "
                "other; take yours over, or “{button}”.",
                button=Message("Discard my changes"),
            ),
        ),
        r"participants/[^/]+/visits|visits|calendar|appointments|forms|participants/[^/]+/(unscheduled|attachments)",
    ),
    Chapter(
        "queries",
        Message("Queries"),
        (
            Message(
                "A query is a question about one value. Checks raise some by themselves; who "
                "may, raises one from the answer's page."
            ),
            Message(
                "The page of a query shows the value, the visit and all that was said. The "
                "site answers, or corrects the value."
            ),
            Message(
                "Who asks reads the response and presses “{button}”; a closed query can be "
                "opened again.",
                button=Message("Close the query"),
            ),
        ),
        r"queries|.*/ask/",
    ),
    Chapter(
        "signing",
        Message("Signing"),
        (
            Message(
                "“{button}” leads from form to form of what waits for your signature. Each "
                "page shows the answers once more, with a way to change them.",
                button=Message("Check and sign them, visit by visit"),
            ),
            Message(
                "A signature is yours: it asks the password and is bound to what it signs. "
                "When a signed value changes, the signature is void and the form waits again."
            ),
            Message(
                "All forms of a visit or of a casebook can be signed at once, each with a "
                "signature of its own."
            ),
        ),
        r".*/sign$|to-sign|first-results",
    ),
    Chapter(
        "treatment-and-blinding",
        Message("Treatment and blinding"),
        (
            Message(
                "The steps of treatment are the protocol's: each says who takes it and after "
                "what. Record when it happened; the page asks why where it is recorded late."
            ),
            Message(
                "Whoever may learn an arm is shown it by a step or on request, and that is "
                "entered in the audit trail. From then on they are unblinded for that "
                "participant."
            ),
            Message(
                "An emergency unblinding shows one participant's arm to one person, for a "
                "reason."
            ),
            Message(
                "What only unblinded people see has a violet edge: leave it on no screen."
            ),
        ),
        r"participants/[^/]+/(steps|arm|kits|unblind|unblinding-accident|envelope)|envelopes|kits|unblindings|cohorts|groups",
    ),
    Chapter(
        "products",
        Message("Products, from the donor to the bedside"),
        (
            Message(
                "“{donor}” draws a code, which is all that is known here of a donor. “{lot}” "
                "names everything that touched it; the lot is in quarantine until a signature.",
                donor=Message("Register a donor"), lot=Message("Register a lot"),
            ),
            Message(
                "A lot stands under “{page}” of whoever decides about it once it can be released, "
                "or a test has failed. Who entered one of its results doesn't sign its release.",
                page=Message("Today"),
            ),
            Message(
                "“{button}”, and under “{page}” of the site “{matter}”: several at once, each with "
                "a move of its own. Whoever sends a container doesn't receive it.",
                button=Message("Send containers"), page=Message("Today"),
                matter=Message("Containers to receive"),
            ),
            Message(
                "At the bedside two people scan wristband, hospital number and container, and "
                "give nothing before the page says so. A refused check is kept as a near miss; "
                "for the next one the three are scanned anew, and what else was typed still stands."
            ),
            Message(
                "“{page}” leads from a donor, lot, container, participant or child to all the "
                "others, with who has been called.",
                page=Message("Who was given what"),
            ),
        ),
        r"products|participants/[^/]+/(bedside|product-information)",
    ),
    Chapter(
        "safety",
        Message("Safety"),
        (
            Message(
                "“{button}” looks the term up in the dictionary that the protocol names, and "
                "offers only the grades that are defined for it.",
                button=Message("Record an adverse event"),
            ),
            Message(
                "Six answers decide whether it is serious. The investigator and the sponsor "
                "give their opinions of the cause apart, and nobody takes one back."
            ),
            Message(
                "“{matter}” stand under “{page}”: each event for the investigator, the serious "
                "ones for the sponsor and the adjudicator, until they have judged.",
                matter=Message("Causes to judge"), page=Message("Today"),
            ),
            Message(
                "“{button}” opens a case of its own, with its deadline, which is no adverse "
                "event. It is followed to its end and to each child: a loss names the "
                "participant's serious event, a malformation is a case of the child.",
                button=Message("Record a pregnancy"),
            ),
            Message(
                "“{page}” shows each report with its deadline, counted from when who knew what.",
                page=Message("Reports due"),
            ),
            Message(
                "A hold stops randomisation and treatment by itself when a stopping rule is "
                "met, and ends with signed decisions alone. “{page}” says where it stands.",
                page=Message("May we treat the next participant today?"),
            ),
            Message(
                "“{page}” keeps what the safety board recommends: which cut its members read, and "
                "the signatures of the chair and the quorum.",
                page=Message("Meetings of the board"),
            ),
            Message(
                "A report by arm leaves the system encrypted: “{page}” of a data cut makes a copy "
                "for one member, with a password of its own. Send the file one way and the "
                "password another; a member who signs in finds it there.",
                page=Message("Encrypted copies for the board"),
            ),
        ),
        r"adverse-events|participants/[^/]+/(adverse-event|pregnancy|situation)|clocks|holds|board|next-participant",
    ),
    Chapter(
        "monitoring",
        Message("Monitoring"),
        (
            Message(
                "A monitor's work is planned by the protocol: “{page}” says who is drawn to be "
                "verified in full, what is critical of all others, and what raised a site's "
                "share. The site isn't told who is drawn.",
                page=Message("Source data verification"),
            ),
            Message(
                "“{page}” on a form says of each value that it agrees with its source, or "
                "raises a query where it doesn't. A value that changes is to be verified again.",
                page=Message("Verify in the source"),
            ),
            Message(
                "The report of a monitor's visit (“{page}”) is written with its findings and "
                "signed; then the site's investigator acknowledges it, and the site says what was "
                "done about each finding until the monitor closes it.",
                page=Message("Monitoring visits"),
            ),
            Message(
                "Results outside normal are judged by the investigator: clinically "
                "significant, and what is done, or not."
            ),
            Message(
                "Deviations are noted by the system where it can see them; a person records "
                "any other. The investigator classifies each and says what was done."
            ),
            Message(
                "The audit trail says of every value who entered or changed it, when and why. "
                "A review of it is recorded with how far it went and what was found."
            ),
        ),
        r".*/(source|significance|history)|verification|monitoring|deviations|participants/[^/]+/deviation|ledger",
    ),
    Chapter(
        "figures-and-reports",
        Message("Dashboards, data cuts and reports"),
        (
            Message(
                "“{page}” shows enrolment against the plan, what is complete, how old the open "
                "queries are, a number over the visits, and the sites beside each other; "
                "beneath each is its table, also as a file.",
                page=Message("Dashboards"),
            ),
            Message(
                "“{button}” keeps the state of the data of one moment. Reports are made from a "
                "cut, and can be made again from it, byte for byte.",
                button=Message("Make a data cut"),
            ),
            Message(
                "Blinded people read pooled reports; those by arm are for who sees results by "
                "arm."
            ),
        ),
        r"dashboard|cuts",
    ),
    Chapter(
        "setting-up",
        Message("Setting up and closing a study"),
        (
            Message(
                "“{page}” lists what a study needs before its first participant, each with the "
                "way to it: protocol, facts, sites, people, signatures.",
                page=Message("Set-up"),
            ),
            Message(
                "People come by a link that opens once; an investigator delegates what each "
                "may do at a site, and they sign it."
            ),
            Message(
                "Another version of the protocol is put there, compared in words, signed, and "
                "begun at each site after its ethics vote."
            ),
            Message(
                "Data are frozen and locked by study, site, participant, visit or form, each "
                "with a reason and a signature; each can be undone."
            ),
        ),
        r"setup|protocol|laborator",
    ),
    Chapter(
        "your-account",
        Message("Your account"),
        (
            Message(
                "Change the password, add a second factor, and see in which browsers you are "
                "signed in on the page of your account, behind your name."
            ),
            Message(
                "After ten wrong passwords one waits; who manages people makes a link for a "
                "new one."
            ),
            Message(
                "“{page}” let a program read and enter what you may, and end on their day.",
                page=Message("Tokens for programs"),
            ),
        ),
    ),
)  # fmt: skip


def chapter(slug: str) -> Chapter | None:
    """The chapter of an address, or None."""
    return next((each for each in CHAPTERS if each.slug == slug), None)


def chapter_for(path: str) -> Chapter:
    """The chapter that a page leads to; of pages of no kind of work, the first.

    >>> chapter_for("/studies/X/queries/3").slug
    'queries'
    """
    if path.startswith("/account"):
        return CHAPTERS[-1]
    below = re.sub(r"^/studies/[^/]+/?", "", path) if path.startswith("/studies/") else ""
    # The more is matched the nearer the chapter is: a form's signing is signing.
    found = [
        (len(m[0]), each) for each in CHAPTERS if each.here and (m := re.match(each.here, below))
    ]
    return max(found, key=lambda pair: pair[0])[1] if found and below else CHAPTERS[0]
