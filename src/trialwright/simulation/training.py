"""Make the training copy of a study: its very file, lived by invented participants up to now.

People of the study come in with the roles and at the sites that they have in the study itself, so
that each sees and may do there what they will see and do in the study. Nothing else is shared: the
copy is a demonstration of its own, with its own allocation list, ledger and cuts.
"""

from collections.abc import Collection

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from trialwright.accounts import actions as accounts
from trialwright.accounts.models import Membership, Person, Site
from trialwright.accounts.policy import Actor
from trialwright.conduct.models import Study
from trialwright.conduct.reads.training import Training, copy_of_file, training_of
from trialwright.conduct.refusals import ActionRefused, NotFound
from trialwright.conduct.setting_up import WRITING, check_kept, draft_of, role_now
from trialwright.ledger import journal
from trialwright.protocol.editing import EditError
from trialwright.protocol.model import Protocol
from trialwright.simulation.alone import alone
from trialwright.simulation.people import Place
from trialwright.simulation.run import live_up_to

_FEWEST, _MOST = 6, 24
_PLACES = 12
"""So many sites have invented people and participants; the others are there too."""


def make_training_copy(*, by: Actor) -> str:
    """Make the training copy of a study's file, or where it is made let those in who came since.

    The file that waits to be signed, or else the one in force. Returns the copy's identifier.

    Raises:
        NotFound: this person doesn't set the study up.
        ActionRefused: the file has problems, there is no site, or the study is a training copy.
    """
    study = Study.objects.select_related("version").filter(pk=by.study).first()
    if study is None:
        raise NotFound
    role_now(by.person_id, study, WRITING)
    sha256 = file_to_practise(study)
    told = check_kept(sha256)
    if told.problems or told.protocol is None:
        raise ActionRefused(
            _("The file has problems, and can't be practised. The page of the protocol lists them.")
        )
    if told.protocol.training_of:
        raise ActionRefused(
            _("This is a training copy. One is made of the study itself: %(study)s.")
            % {"study": told.protocol.training_of}
        )
    places = tuple(
        Place(site.code, site.name_en, site.name_zh, site.time_zone)
        for site in Site.objects.filter(study=study.pk).order_by("code")
    )
    if not places:
        raise ActionRefused(_("There is no site at which anybody could practise. Add one."))
    with alone("training"):
        training = training_of(study, sha256)
        if not training.made:
            _live(study.pk, told.protocol, places)
        _let_in(by, study.pk, training.identifier, places)
    return training.identifier


def practice_in(study: str) -> Training:
    """The training copy of a study's file, made or not, and who has entered a visit there.

    The caller asks the policy. Raises NotFound where there is no file.
    """
    row = Study.objects.select_related("version").get(pk=study)
    return training_of(row, file_to_practise(row))


def file_to_practise(study: Study) -> str:
    """The hash of the file that a training copy is made of; raises NotFound without one."""
    draft = draft_of(study)
    if draft is not None:
        return draft.sha256
    if study.version is None:
        raise NotFound
    return study.version.sha256


def _live(study: str, protocol: Protocol, places: tuple[Place, ...]) -> None:
    try:
        identifier, source = copy_of_file(study, protocol.sha256)
    except EditError as error:
        raise ActionRefused(str(error)) from None
    if Study.objects.filter(pk=identifier).exists():
        raise ActionRefused(
            _(
                "There is another study %(study)s here, which isn't the copy of this file. Change "
                "the file, then make the copy of that."
            )
            % {"study": identifier}
        )
    # Half of the places at least stay free, for those who practise from the screening on.
    participants = min(max(_FEWEST, len(places)), _MOST, protocol.participants // 2)
    live_up_to(
        source,
        f"{identifier}.yaml",
        participants=participants,
        places=places[:_PLACES],
        until=timezone.now(),
    )


def _let_in(by: Actor, study: str, copy: str, places: Collection[Place]) -> None:
    """Have the sites of the study in the copy, and in each role there exactly who holds it."""
    with accounts.entry("let_into_training", at=timezone.now(), by=by.person_id) as writer:
        for each in places:
            names = {"name_en": each.name_en, "name_zh": each.name_zh}
            accounts.ensure_site(
                writer, study=copy, code=each.code, time_zone=each.time_zone, **names
            )
        held = _seats(study)
        known = {row.person_id for row in held.values()}
        there = _seats(copy)
        for seat, row in there.items():
            if seat not in held and (row.person_id in known or _signs_in(row.person)):
                accounts.take_role(writer, row)
        for seat, row in held.items():
            if seat not in there:
                _give(writer, row, copy)


def _seats(study: str) -> dict[tuple[object, ...], Membership]:
    rows = Membership.objects.filter(study=study).select_related("person").order_by("pk")
    return {(row.person_id, row.role, row.site, row.until): row for row in rows}


def _give(writer: journal.Writer, row: Membership, copy: str) -> None:
    accounts.give_role(
        writer, row.person, study=copy, role=row.role, site=row.site, until=row.until
    )


def _signs_in(person: Person) -> bool:
    """Whether somebody comes in by themselves: invented people have no password."""
    return person.has_usable_password()
