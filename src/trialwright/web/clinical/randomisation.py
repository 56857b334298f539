"""The page that randomises: what is known and what is missing, the reason, the password."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from trialwright.conduct.actions import randomising
from trialwright.conduct.allocation.allocating import Choice
from trialwright.conduct.participants.requirements import words_of
from trialwright.conduct.reads.randomisation import ToRandomise, to_randomise
from trialwright.protocol.allocation_kinds import AllocationKind
from trialwright.protocol.requirements import Requirement
from trialwright.web.clinical import signing
from trialwright.web.clinical.frame import Frame, in_study
from trialwright.web.components import Link, Row


@in_study
def randomise_page(frame: Frame, code: str) -> HttpResponse:
    """Randomise. Nobody learns the arm by this."""
    told = to_randomise(frame.actor, code)
    post = frame.request.POST
    choice = Choice(post.get("arm", ""), post.get("why", "")) if told.chosen_by else None
    signed = signing.signed_by(
        frame,
        lambda _hash: _act(frame, told, post.get("despite", ""), choice),
    )
    if signed.signed:
        done = _("The participant is randomised.")
        if told.allocation.at is not None:
            done = _("The allocation is made.")
        messages.success(frame.request, done)
        return redirect(f"{frame.href}/participants/{code}")
    lacking = told.lacking
    context = frame.about(
        told.participant,
        _heading(frame, told),
        crumbs=[],
        sections=[(_("Before you randomise"), _rows(frame, told))],
        statement=_statement(frame, told),
        arms=[
            (arm.key, arm.label.in_language(frame.language), arm.key == post.get("arm"))
            for arm in told.arms
        ],
        why=post.get("why", ""),
        asks_why=bool(lacking.warn) and not lacking.refuse,
        despite=post.get("despite", ""),
        back=Link(_("Cancel"), f"{frame.href}/participants/{code}"),
        **signing.context(frame, "" if lacking.refuse else _button(told), signed),
    )
    return render(frame.request, "web/randomise.html", context, status=signed.status)


def _act(frame: Frame, told: ToRandomise, despite: str, choice: Choice | None) -> None:
    by, code = frame.actor, told.participant.code
    if told.allocation.at is not None:
        randomising.randomise_again(by=by, code=code)
    else:
        randomising.randomise(by=by, code=code, despite=despite, choice=choice)


def _heading(frame: Frame, told: ToRandomise) -> str:
    label, code = told.allocation.label, told.participant.code
    if told.allocation.at is None or label is None:
        return _("Randomise {code}").format(code=code)
    return _("{allocation}: {code}").format(allocation=label.in_language(frame.language), code=code)


def _statement(frame: Frame, told: ToRandomise) -> str:
    """What will happen, as the kind of allocation has it."""
    kind = told.allocation.kind
    if kind is AllocationKind.DOSE_COHORT:
        return _joining(told)
    if told.allocation.at is not None:
        return _(
            "Everybody takes this step at this point, and it can't be undone. Whether the "
            "participant gets another arm or keeps theirs follows from what is sealed, and is "
            "shown only to whom the protocol names."
        )
    if told.chosen_by and not told.arms:
        role = frame.protocol.roles.label(told.chosen_by, frame.language)
        return _("The role “{role}” chooses the arm. Ask somebody who holds it.").format(role=role)
    if told.chosen_by:
        return _(
            "You choose the arm and say why. This can't be undone, and from then on you are "
            "unblinded for this participant."
        )
    if kind is AllocationKind.RULE:
        return _(
            "The participant gets the arm that the protocol's rule gives by the values entered, "
            "and this can't be undone. The arm is shown only to whom the protocol names."
        )
    if kind is AllocationKind.NONE:
        return _("All participants enter by this one arm, and this can't be undone.")
    if not kind.has_list:
        return _(
            "The participant's arm is drawn now, and this can't be undone. The arm is shown only "
            "to whom the protocol names."
        )
    return _(
        "The participant gets the next place of the list, and this can't be undone. The arm "
        "is shown only to whom the protocol names."
    )


def _joining(told: ToRandomise) -> str:
    """What will happen where a dose cohort is joined."""
    allocation = told.allocation
    if allocation.at is not None:
        return _(
            "Whoever is meant joins the open dose cohort; everybody else, and all once the "
            "escalation has ended, keep their arm. This can't be undone."
        )
    if allocation.control:
        return _(
            "The participant joins the open dose cohort, and chance decides whether they get its "
            "dose or the control. This can't be undone, and the arm is shown only to whom the "
            "protocol names."
        )
    return _("The participant joins the open dose cohort, and this can't be undone.")


def _button(told: ToRandomise) -> str:
    if told.chosen_by:
        return _("Allocate") if told.arms else ""
    if told.allocation.at is not None or told.allocation.kind is AllocationKind.NONE:
        return _("Allocate")
    return _("Randomise")


def _rows(frame: Frame, told: ToRandomise) -> list[Row]:
    rows = [
        Row(
            factor.label.in_language(frame.language),
            level.label.in_language(frame.language) if level else "",
            unsaid=_("Not known yet: complete the forms it follows from"),
        )
        for factor, level in told.strata
    ]
    if told.group is not None:
        rows.insert(0, Row(_("Group"), told.group.label.in_language(frame.language)))
    lacking = told.lacking
    rows += [_missing(frame, told, _("Missing, needed first"), each) for each in lacking.refuse]
    rows += [_missing(frame, told, _("Missing"), each) for each in lacking.warn]
    if not (lacking.refuse or lacking.warn):
        rows.append(Row(_("Missing"), unsaid=_("Nothing that the protocol wants first")))
    return rows


def _missing(frame: Frame, told: ToRandomise, heading: str, each: Requirement) -> Row:
    """One thing that is missing, with the page where it can be completed."""
    place = f"{frame.href}/participants/{told.participant.code}/visits/{each.visit}"
    if each.form:
        place += f"/{each.form}/1" + ("/sign" if each.signed else "")
    words = words_of(frame.protocol, each).in_language(frame.language)
    return Row(heading, words, links=[Link(pgettext("link", "Open"), place)])
