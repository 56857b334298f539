"""The dose cohorts: what the rule sees and says, and the decision that opens the next one."""

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
from trialwright.web.components import Link, Row

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
    sections = [
        (_("What the rule sees"), [_level(frame, each) for each in told.levels]),
        (_("What the rule says"), _says(frame, told)),
        (_("Participants"), [_member(frame, told, n) for n in range(len(told.members))]),
        (_("Decisions"), _decisions(frame, told)),
    ]
    context = frame.context(
        _heading(frame, group),
        crumbs=[Link(_("Dose cohorts"), f"{frame.href}/cohorts")] if group else [],
        links=[Link(_heading(frame, key), _address(frame, key)) for key in keys if key != group],
        sections=[section for section in sections if section[1]],
        revision=told.content_hash,
        options=_options(told, post) if decides else [],
        reason=post.get("reason", ""),
        reason_label=_("Reason (where it is more cautious than the rule, or no rule decides)"),
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
                number=each.number, dose=each.dose, size=_participants(each.next_size)
            ),
        )
        for each in told.levels[: max(told.highest + 1, told.dose or 1)]
    ]
    found += [
        (
            f"{END}-{each.number}",
            _("End the escalation; level {number} ({dose}) is chosen").format(
                number=each.number, dose=each.dose
            ),
        )
        for each in told.levels[: told.highest]
    ]
    found.append((f"{END}-0", _("End the escalation; no dose is chosen")))
    chosen = post.get("decision", "")
    return [(value, words, value == chosen) for value, words in found]


def _participants(count: int) -> str:
    return ngettext("{n} participant", "{n} participants", count).format(n=count)


def _level(frame: Frame, level: LevelCounts) -> Row:
    label = frame.protocol.arm(level.arm).label.in_language(frame.language)
    counts = [f"{STANDINGS[each]}: {n}" for each, n in level.counts.items() if n]
    counts += [f"{RESPONSES[each]}: {n}" for each, n in level.responses.items() if n]
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
    return [_decision(each, names.get(str(each.by), "")) for each in told.decisions]


def _decision(each: Decided, name: str) -> Row:
    if not each.ended:
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
