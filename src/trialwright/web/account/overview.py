"""`/account`: who one is here, and the ways to change that."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from trialwright.accounts import second_factor, sessions
from trialwright.accounts.models import Membership, Person, Site
from trialwright.web import language
from trialwright.web.clinical.frame import Frame
from trialwright.web.clinical.today import personal_context, signed_in
from trialwright.web.components import Cell, Column, Link, Row, Table


@signed_in
def account_page(request: HttpRequest, frames: list[Frame]) -> HttpResponse:
    """The person's name, roles and language, what guards the account, and the way out."""
    person = request.user
    assert isinstance(person, Person)  # noqa: S101 - signed_in
    others = [
        Row(_("Other language"), Link(each.name, each.href)) for each in language.others(request)
    ]
    facts = [
        Row(_("Name"), person.name),
        Row(_("Username"), person.username, code=True),
        Row(_("Language of the pages"), language.NAMES[request.LANGUAGE_CODE][1]),
        *others,
        Row(_("Mails"), Link(_("Searches by mail"), "/account/searches")),
    ]
    context = personal_context(
        request, frames, person.name,
        account=facts, guards=_guards(request, person), roles=_roles(person, frames),
    )  # fmt: skip
    return render(request, "web/account.html", context)


def _guards(request: HttpRequest, person: Person) -> list[Row]:
    count = len(second_factor.of(person))
    factor = ngettext("{count} second factor", "{count} second factors", count)
    words = factor.format(count=count) if count else _("none: the password alone lets you in")
    places = len(sessions.places(person, request.session.session_key))
    signed = ngettext("in {count} browser", "in {count} browsers", places).format(count=places)
    return [
        Row(_("Password"), Link(_("Change the password"), "/account/password")),
        Row(_("Second factor"), Link(words, "/account/second-factor")),
        Row(_("Signed in"), Link(signed, "/account/sessions")),
        Row(_("Programs"), Link(_("Tokens for programs"), "/account/tokens")),
    ]


def _roles(person: Person, frames: list[Frame]) -> Table:
    sites = {(site.study, site.code): site for site in Site.objects.all()}
    roles = {frame.actor.study: frame.protocol.roles for frame in frames}
    rows = []
    for seat in Membership.objects.filter(person=person).order_by("study", "role", "site"):
        site = sites.get((seat.study, seat.site))
        chinese = language.current_tag().startswith("zh")
        name = (site.name_zh if chinese else site.name_en) if site else ""
        named = roles.get(seat.study)
        rows.append(
            [
                Cell(seat.study, href=f"/studies/{seat.study}", code=True),
                Cell(named.label(seat.role, language.current_tag()) if named else seat.role),
                Cell(name, unsaid=_("all sites")),
            ]
        )
    return Table(
        caption=_("Roles"),
        columns=[Column(_("Study")), Column(_("Role")), Column(_("Site"))],
        rows=rows,
        empty=_("You hold no role in a study. An administrator gives you one."),
        captioned=False,
    )
