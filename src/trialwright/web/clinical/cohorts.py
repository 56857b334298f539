"""The dose cohorts: where they stand, what the rule says, and the decision that opens the next."""

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext

from trialwright.accounts.reads import names_of
from trialwright.conduct.actions.cohorts import decide_cohort
from trialwright.conduct.reads.cohorts import CohortsToRead, Decided, LevelCounts, cohorts_to_read
from trialwright.design.cohorts import COUNTED, Standing
from trialwright.protocol.groups import escalations
from trialwright.web import dates
from trialwright.web.clinical import signing
from trialwright.web.clinical.frame import Frame, in_study
from trialwright.web.components import Cell, Column, Link, Row, Table

END = "end"
STANDINGS = {
    Standing.EVENT: gettext_lazy("dose-limiting event"),
    Standing.DONE: gettext_lazy("followed without one"),
    Standing.PENDING: gettext_lazy("still followed"),
    Standing.AWAITED: gettext_lazy("not treated yet"),
    Standing.MISSING: gettext_lazy("result missing"),
    Standing.REPLACED: gettext_lazy("not evaluable, replaced"),
}

RESPONSES = {
    Standing.EVENT: gettext_lazy("responded"),
    Standing.DONE: gettext_lazy("no response"),
    Standing.PENDING: gettext_lazy("response still awaited"),
    Standing.MISSING: gettext_lazy("response missing"),
}


@in_study
def cohorts_page(frame: Frame, group: str = "") -> HttpResponse:
    """The cohorts as they stand, of the whole trial or of a group that escalates by itself; the
    role that the protocol names signs the next decision."""
    keys = [each.group for each in escalations(frame.protocol)]
    if not group and keys and "" not in keys:
        return redirect(f"{frame.href}/cohorts/{keys[0]}")
    told = cohorts_to_read(frame.actor, group)
    post = frame.request.POST
    came = signing.signed_by(frame, lambda seen: _decide(frame, post, seen, group))
    if came.signed:
        messages.success(frame.request, _("Signed. The decision stands on this page."))
        return redirect(_address(frame, group))
    decides = told.decides_as is not None and not told.ended
    role = frame.protocol.roles.label(told.decides_as or "", frame.language)
    button = _("Sign as {role}").format(role=role) if decides else ""
    by_rule = (_("What the rule sees"), _("What the rule says"))
    without = (_("Participants by dose level"), _("Where the cohorts stand"))
    seen, said = by_rule if told.has_rule else without
    sections = [
        (seen, _seen(frame, told)),
        (said, _says(frame, told)),
        (_("Participants"), [_member(frame, told, n) for n in range(len(told.members))]),
        (_("Decisions"), _decisions(frame, told)),
    ]
    context = frame.context(
        _heading(frame, group),
        crumbs=[Link(_("Dose cohorts"), f"{frame.href}/cohorts")] if group else [],
        links=[Link(_heading(frame, key), _address(frame, key)) for key in keys if key != group],
        sections=[section for section in sections if section[1]],
        grid=_grid(told) if told.second_doses else None,
        revision=told.content_hash,
        options=_options(told, post) if decides else [],
        reason=post.get("reason", ""),
        reason_label=_("Reason (where it is more cautious than the rule)")
        if told.has_rule
        else _("Reason"),
        statement=_("I have read these counts and decide as follows."),
        **signing.context(frame, button, came),
    )
    return render(frame.request, "web/decide.html", context, status=came.status)


def _address(frame: Frame, group: str) -> str:
    return f"{frame.href}/cohorts/{group}" if group else f"{frame.href}/cohorts"


def _heading(frame: Frame, group: str) -> str:
    if not group:
        return _("Dose cohorts")
    label = frame.protocol.group(group).label.in_language(frame.language)
    return _("Dose cohorts: {group}").format(group=label)


def _decide(frame: Frame, post: QueryDict, seen: str, group: str) -> None:
    chosen = post.get("decision", "")
    ends, _separator, level = chosen.rpartition("-")
    decide_cohort(
        by=frame.actor,
        level=int(level) if level.isdecimal() and level != "0" else None,
        end=ends == END,
        content_hash=seen,
        reason=post.get("reason", ""),
        group=group,
    )


def _options(told: CohortsToRead, post: QueryDict) -> list[tuple[str, str, bool]]:
    """(value, words, whether chosen) of each decision that can be asked for."""
    found = [
        (
            f"open-{each.number}",
            _("Open the next cohort at level {number} ({dose}) for {size}").format(
                number=each.number, dose=each.dose, size=_participants(told, each.next_size)
            ),
        )
        for each in told.levels
        if each.near
    ]
    found += [
        (
            f"{END}-{each.number}",
            _("End the escalation; level {number} ({dose}) is chosen").format(
                number=each.number, dose=each.dose
            ),
        )
        for each in told.levels
        if each.choosable
    ]
    found.append((f"{END}-0", _("End the escalation; no dose is chosen")))
    chosen = post.get("decision", "")
    return [(value, words, value == chosen) for value, words in found]


def _participants(told: CohortsToRead, count: int) -> str:
    if told.control:
        return _("{dose} at the dose and {control} on the control").format(
            dose=count, control=told.controls
        )
    return ngettext("{n} participant", "{n} participants", count).format(n=count)


def _seen(frame: Frame, told: CohortsToRead) -> list[Row]:
    """The dose levels, each with how many stand how; of two agents those reached, since the grid
    has all."""
    two = told.second_doses > 0
    return [_level(frame, each) for each in told.levels if not two or any(each.counts.values())]


def _grid(told: CohortsToRead) -> Table:
    """The combinations of two agents: a row for each dose of A, a column for each of B."""
    across = told.second_doses
    heads = [each.doses[1] for each in told.levels[:across]]
    rows = [
        [Cell(told.levels[first].doses[0]), *(_cell(told, each) for each in row)]
        for first in range(0, len(told.levels), across)
        for row in [told.levels[first : first + across]]
    ]
    return Table(
        _("Dose-limiting events of those followed, by the doses of both agents"),
        [Column(_("Agent A, agent B")), *(Column(each) for each in heads)],
        rows,
        note=_(
            "Rates are estimated so that they rise with the dose of each agent (isotonic "
            "regression); at the end the level whose rate is nearest the target is selected."
        ),
    )


def _cell(told: CohortsToRead, level: LevelCounts) -> Cell:
    events = level.counts[Standing.EVENT]
    followed = events + level.counts[Standing.DONE]
    words = [_("level {number}").format(number=level.number)]
    if any(level.counts.values()):
        words.append(_("{events} of {followed}").format(events=events, followed=followed))
    if level.estimate is not None:
        words.append(_("rate {rate}").format(rate=f"{level.estimate:.2f}"))
    if level.eliminated:
        words.append(_("eliminated: too toxic"))
    if level.number == told.dose and not told.ended and told.action != "stop":
        words.append(_("next"))
    return Cell("; ".join(words))


def _level(frame: Frame, level: LevelCounts) -> Row:
    label = frame.protocol.arm(level.arm).label.in_language(frame.language)
    counts = [f"{STANDINGS[each]}: {n}" for each, n in level.counts.items() if n]
    counts += [f"{RESPONSES[each]}: {n}" for each, n in level.responses.items() if n]
    on_control = [f"{STANDINGS[each]}: {n}" for each, n in level.control.items() if n]
    if on_control:
        counts.append(_("on the control: {counts}").format(counts=", ".join(on_control)))
    heading = _("Level {number}: {label}").format(number=level.number, label=label)
    return Row(heading, "; ".join(counts), unsaid=_("Nobody yet"))


def _says(frame: Frame, told: CohortsToRead) -> list[Row]:
    rows = []
    if not told.has_rule:
        rows.append(Row(_("Rule"), unsaid=_("The protocol has none: people decide")))
    elif told.says is not None:
        rows.append(Row(_("Rule"), told.says.in_language(frame.language)))
    else:
        rows.append(Row(_("Rule"), unsaid=_("Waits for outcomes that are not there yet")))
    if told.control:
        rows.append(Row(_("Control"), _control(frame, told)))
    if told.places:
        free = ngettext("{n} place is free", "{n} places are free", told.places)
        rows.append(Row(_("Open cohort"), free.format(n=told.places)))
    if told.backfills is not None:
        level = _("level {number}").format(number=told.backfills)
        rows.append(Row(_("Backfilled meanwhile"), level))
    if told.selected is not None:
        level = _("level {number}").format(number=told.selected)
        rows.append(Row(_("Selected if it ended now"), level))
    return rows


def _control(frame: Frame, told: CohortsToRead) -> str:
    label = frame.protocol.arm(told.control).label.in_language(frame.language)
    words = ngettext(
        "{label}: {n} participant of each cohort, by chance",
        "{label}: {n} participants of each cohort, by chance",
        told.controls,
    ).format(label=label, n=told.controls)
    if not told.pooled:
        return words
    return words + _("; outcomes are counted whatever the arm, which stays concealed")


def _member(frame: Frame, told: CohortsToRead, n: int) -> Row:
    member = told.members[n]
    words = _("cohort {cohort}, level {level}: {standing}").format(
        cohort=member.outcome.cohort,
        level=member.outcome.level,
        standing=STANDINGS[member.outcome.standing],
    )
    if member.outcome.backfilled:
        words = _("beside cohort {cohort}, backfilled at level {level}: {standing}").format(
            cohort=member.outcome.cohort,
            level=member.outcome.level,
            standing=STANDINGS[member.outcome.standing],
        )
    if member.outcome.control:
        words += _("; on the control")
    if told.reads_responses and member.outcome.standing in COUNTED:
        words += f"; {RESPONSES[member.outcome.response]}"
    if member.treated_on and member.due_on:
        words += _("; first dose on {first}, window to {due}").format(
            first=dates.written(member.treated_on), due=dates.written(member.due_on)
        )
    place = f"{frame.href}/participants/{member.code}"
    return Row(member.code, words, links=[Link(pgettext("link", "Open"), place)])


def _decisions(frame: Frame, told: CohortsToRead) -> list[Row]:
    names = names_of({str(each.by) for each in told.decisions})
    return [_decision(told, each, names.get(str(each.by), "")) for each in told.decisions]


def _decision(told: CohortsToRead, each: Decided, name: str) -> Row:
    if not each.ended and told.control:
        words = _("Cohort {number} at level {level} for {size} and {control} on the control")
        words = words.format(
            number=each.number, level=each.level, size=each.size, control=told.controls
        )
    elif not each.ended:
        words = _("Cohort {number} at level {level} for {size}").format(
            number=each.number, level=each.level, size=each.size
        )
    elif each.level is None:
        words = _("The escalation ended; no dose is chosen")
    else:
        words = _("The escalation ended; level {level} is chosen").format(level=each.level)
    if each.reason:
        words += f" ({each.reason})"
    return Row(f"{dates.written(each.at)} · {name}", words)
