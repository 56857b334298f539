"""The groups of participants: state, number, openings and ends, and the signed decisions."""

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from trialwright.accounts.reads import names_of
from trialwright.conduct.actions.groups import decide_group
from trialwright.conduct.models.groups import GroupVerdict
from trialwright.conduct.reads.groups import GroupDecided, GroupLine, GroupsToRead, groups_to_read
from trialwright.protocol.expression_words import expression_said
from trialwright.protocol.groups import Group, GroupState
from trialwright.protocol.model import Protocol
from trialwright.web import dates
from trialwright.web.clinical import signing
from trialwright.web.clinical.frame import Frame, in_study
from trialwright.web.components import Row

STATE_WORDS = {
    GroupState.WAITING: gettext_lazy("not open yet"),
    GroupState.OPEN: gettext_lazy("open"),
    GroupState.FULL: gettext_lazy("full"),
    GroupState.CLOSED: gettext_lazy("closed"),
}


@in_study
def groups_page(frame: Frame) -> HttpResponse:
    """The groups as they stand; the roles that the protocol names sign what opens or closes one."""
    told = groups_to_read(frame.actor)
    post = frame.request.POST
    came = signing.signed_by(frame, lambda seen: _decide(frame, post, seen))
    if came.signed:
        messages.success(frame.request, _("Signed. The decision stands on this page."))
        return redirect(f"{frame.href}/groups")
    options = _options(frame, told, post)
    role = frame.protocol.roles.label(told.decides_as or "", frame.language)
    sections = [
        (each.group.label.in_language(frame.language), _rows(frame, each)) for each in told.lines
    ]
    sections.append((_("Decisions"), _decisions(frame, told)))
    context = frame.context(
        _("Groups"),
        crumbs=[],
        sections=[section for section in sections if section[1]],
        revision=told.content_hash,
        options=options,
        reason=post.get("reason", ""),
        reason_label=_("Reason"),
        statement=_("I have read how the groups stand and decide as follows."),
        **signing.context(frame, _("Sign as {role}").format(role=role) if options else "", came),
    )
    return render(frame.request, "web/decide.html", context, status=came.status)


def _decide(frame: Frame, post: QueryDict, seen: str) -> None:
    verdict, _separator, group = post.get("decision", "").partition("-")
    known = {each.value: each for each in GroupVerdict}
    decide_group(
        by=frame.actor,
        group=group,
        verdict=known.get(verdict, GroupVerdict.OPEN),
        content_hash=seen,
        reason=post.get("reason", ""),
    )


def _options(frame: Frame, told: GroupsToRead, post: QueryDict) -> list[tuple[str, str, bool]]:
    """(value, words, whether chosen) of each decision that this person can sign."""
    found = []
    for each in told.lines:
        label = each.group.label.in_language(frame.language)
        if each.may_open:
            words = _("Open the group “{group}”").format(group=label)
            found.append((f"{GroupVerdict.OPEN}-{each.group.key}", words))
        if each.may_close:
            words = _("Close the group “{group}” for good").format(group=label)
            found.append((f"{GroupVerdict.CLOSE}-{each.group.key}", words))
    chosen = post.get("decision", "")
    return [(value, words, value == chosen) for value, words in found]


def _rows(frame: Frame, line: GroupLine) -> list[Row]:
    rows = [
        Row(_("State"), str(STATE_WORDS[line.state])),
        Row(_("Participants"), entered_of(line.group, line.entered)),
        Row(_("Who belongs"), who_belongs(frame.protocol, line.group, frame.language)),
    ]
    if opens := opening_words(frame.protocol, line.group, frame.language):
        rows.append(Row(_("Opens"), opens))
    if closes := closing_words(frame.protocol, line.group, frame.language):
        rows.append(Row(_("Closes"), closes))
    return rows


def entered_of(group: Group, entered: int) -> str:
    """How many have entered, of how many."""
    if group.participants is None:
        return str(entered)
    return _("{entered} of {number}").format(entered=entered, number=group.participants)


def who_belongs(protocol: Protocol, group: Group, language: str) -> str:
    """Who belongs to a group, in words."""
    words = _("Everybody")
    if group.when is not None:
        said = expression_said(group.when.text, protocol)
        words = said.in_language(language) if said else group.when.text
    if group.chosen_by:
        role = protocol.roles.label(group.chosen_by, language)
        chosen = _("Whom the role “{role}” chooses, with a reason").format(role=role)
        words = f"{words}; {chosen}" if group.when is not None else chosen
    return words


def opening_words(protocol: Protocol, group: Group, language: str) -> str:
    """What a group waits for, or ""."""
    opens, found = group.opens, []
    if opens.on is not None:
        found.append(_("from {day}").format(day=dates.written(opens.on)))
    if opens.after is not None:
        other = protocol.group(opens.after).label.in_language(language)
        words = _("once “{group}” is full").format(group=other)
        if opens.reached is not None:
            words = ngettext(
                "once “{group}” has {count} participant",
                "once “{group}” has {count} participants",
                opens.reached,
            ).format(group=other, count=opens.reached)
        found.append(words)
    if opens.by:
        role = protocol.roles.label(opens.by, language)
        found.append(_("by a signed decision of the role “{role}”").format(role=role))
    return "; ".join(found)


def closing_words(protocol: Protocol, group: Group, language: str) -> str:
    """What ends a group, or ""."""
    closes, found = group.closes, []
    if group.participants is not None:
        found.append(_("when full"))
    if closes.on is not None:
        found.append(_("from {day}").format(day=dates.written(closes.on)))
    if closes.by:
        role = protocol.roles.label(closes.by, language)
        found.append(_("by a signed decision of the role “{role}”").format(role=role))
    return "; ".join(found)


def _decisions(frame: Frame, told: GroupsToRead) -> list[Row]:
    names = names_of({str(each.by) for each in told.decisions})
    return [_decision(frame, each, names.get(str(each.by), "")) for each in told.decisions]


def _decision(frame: Frame, each: GroupDecided, name: str) -> Row:
    words = _("Opened: {group}") if each.opened else _("Closed: {group}, with {count} in it")
    label = frame.protocol.group(each.group).label.in_language(frame.language)
    said = words.format(group=label, count=each.entered)
    return Row(f"{dates.written(each.at)} · {name}", f"{said} ({each.reason})")
