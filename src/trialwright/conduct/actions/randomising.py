"""Randomisation and the steps of the day, in their order, each timed.

Eligibility confirmed → allocation made → received at the cell laboratory → product released;
meanwhile the surgeon operates, declares the resection complete, and only then is told.
A refusal never depends on the next place's arm.
"""

from datetime import datetime, timedelta

from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from trialwright.accounts.policy import Act, Actor
from trialwright.conduct import slots
from trialwright.conduct.acting import Scene, acting
from trialwright.conduct.criteria import unmet
from trialwright.conduct.models import Participant, State
from trialwright.conduct.models.participants import TreatmentStatus
from trialwright.conduct.planning import ZONE, day_of, replan
from trialwright.conduct.reads.values import values_of
from trialwright.conduct.refusals import Refused
from trialwright.conduct.states import require_step


def randomise(*, by: Actor, code: str, at: datetime | None = None) -> None:
    """Give her the next place of her list. Nobody learns the arm by this."""
    with acting(by, Act.RANDOMISE, "randomise", code=code, at=at) as scene:
        participant = scene.participant
        if participant.eligible_at is None:
            raise Refused(
                _(
                    "The eligibility of %(code)s is not signed, and no randomisation comes before "
                    "that. Ask an investigator to confirm it."
                )
                % {"code": code}
            )
        require_step(participant, State.RANDOMISED)
        if participant.stops_treatment:
            raise Refused(
                _("%(code)s has withdrawn from treatment, so she can't be randomised.")
                % {"code": code}
            )
        if unmet(participant, scene.protocol):
            raise Refused(
                _(
                    "Data entered since the eligibility of %(code)s was signed say that a "
                    "criterion is not met. Answer the criteria again, or record a screening "
                    "failure."
                )
                % {"code": code}
            )
        randomised = Participant.objects.filter(study=scene.study, randomised_at__isnull=False)
        count = randomised.count()
        if count >= scene.protocol.participants:
            raise Refused(
                _("All %(count)d places of the trial are taken. Record a screening failure.")
                % {"count": count}
            )
        list_name = _list_for(scene, count)
        slot = slots.next_free(scene.study, list_name)
        if slot is None:
            raise Refused(_("This list has no place left. Tell the data manager."))
        scene.change(slot, participant=participant)
        scene.change(participant, state=State.RANDOMISED.value, randomised_at=scene.at)
        replan(scene)


def _list_for(scene: Scene, randomised: int) -> str:
    allocation = scene.protocol.allocation
    assert allocation is not None  # noqa: S101 - a study can't be signed without one
    blocks = slots.blocks_of(allocation)
    needed = slots.needed_for_stratum(allocation)
    stratum = slots.stratum_of(allocation, values_of(scene.participant, scene.protocol, needed))
    if stratum is None:
        language = get_language() or "en"
        factors = (factor.label.in_language(language) for factor in allocation.factors)
        raise Refused(
            _("Her stratum is not known yet. Complete the forms it follows from: %(factors)s.")
            % {"factors": ", ".join(factors)}
        )
    if allocation.run_in and randomised < allocation.run_in.participants:
        _require_days_apart(scene, allocation.run_in.days_apart)
    return blocks.list_for(randomised, stratum)


def _require_days_apart(scene: Scene, days: int) -> None:
    last = (
        Participant.objects.filter(study=scene.study, randomised_at__isnull=False)
        .order_by("-randomised_at")
        .first()
    )
    if last is None or last.randomised_at is None:
        return
    earliest = day_of(last.randomised_at) + timedelta(days=days)
    if day_of(scene.at) < earliest:
        raise Refused(
            _(
                "The first women are treated at least %(days)d days apart. The next can be "
                "randomised from %(date)s."
            )
            % {"days": days, "date": earliest.isoformat()}
        )


def receive_allocation(*, by: Actor, code: str, at: datetime | None = None) -> int:
    """The cell laboratory takes the allocation; returns the arm, which she now has seen."""
    with acting(by, Act.RECEIVE_ALLOCATION, "receive_allocation", code=code, at=at) as scene:
        participant = scene.participant
        if participant.randomised_at is None:
            raise Refused(_("%(code)s is not randomised yet.") % {"code": code})
        _require_untreated(participant)
        if participant.allocation_received_at is None:
            scene.change(participant, allocation_received_at=scene.at)
        return _show_arm(scene, "received the allocation")


def release_product(*, by: Actor, code: str, at: datetime | None = None) -> None:
    """Release what was prepared for her to the theatre."""
    with acting(by, Act.RELEASE_PRODUCT, "release_product", code=code, at=at) as scene:
        participant = scene.participant
        if participant.allocation_received_at is None:
            raise Refused(
                _("The cell laboratory has not received the allocation of %(code)s yet.")
                % {"code": code}
            )
        _require_untreated(participant)
        _require_once(participant.product_released_at)
        scene.change(participant, product_released_at=scene.at)


def declare_resection(*, by: Actor, code: str, at: datetime | None = None) -> None:
    """The surgeon declares the resection complete; from then on she may be told."""
    with acting(by, Act.DECLARE_RESECTION, "declare_resection", code=code, at=at) as scene:
        participant = scene.participant
        if participant.randomised_at is None:
            raise Refused(
                _("%(code)s is not randomised, so there is no trial operation.") % {"code": code}
            )
        _require_untreated(participant)
        _require_once(participant.resection_complete_at)
        scene.change(participant, resection_complete_at=scene.at)


def tell_surgeon(*, by: Actor, code: str, at: datetime | None = None) -> int:
    """Tell the operating surgeon the arm, once the resection is declared complete."""
    with acting(by, Act.DECLARE_RESECTION, "tell_surgeon", code=code, at=at) as scene:
        participant = scene.participant
        if participant.resection_complete_at is None:
            raise Refused(
                _(
                    "The surgeon is told only after declaring the resection complete, so that "
                    "the arm can't change the operation. Declare it first."
                )
            )
        if participant.product_released_at is None:
            raise Refused(_("The cell laboratory has not released the product yet."))
        _require_untreated(participant)
        if participant.surgeon_told_at is None:
            scene.change(participant, surgeon_told_at=scene.at)
        return _show_arm(scene, "told as operating surgeon")


def record_treatment(
    *,
    by: Actor,
    code: str,
    status: TreatmentStatus,
    reason: str = "",
    at: datetime | None = None,
) -> None:
    """Record that the allocated treatment was given in full, in part or not at all, and why not."""
    with acting(by, Act.RECORD_TREATMENT, "record_treatment", code=code, at=at) as scene:
        participant = scene.participant
        if participant.stops_treatment and status is not TreatmentStatus.NONE:
            raise Refused(
                _("%(code)s has withdrawn from treatment, so none may be given.") % {"code": code}
            )
        given = status is not TreatmentStatus.NONE
        require_step(participant, State.TREATED if given else State.NOT_TREATED)
        if given and participant.surgeon_told_at is None:
            raise Refused(
                _(
                    "No treatment before the day's steps are done: allocation received, product "
                    "released, resection complete, surgeon told."
                )
            )
        if status is not TreatmentStatus.FULL and not reason.strip():
            raise Refused(_("Say why the treatment was not given in full."))
        scene.change(
            participant,
            state=(State.TREATED if given else State.NOT_TREATED).value,
            treated_at=scene.at,
            treatment_status=status.value,
            treatment_reason=reason.strip(),
        )
        replan(scene)


def _show_arm(scene: Scene, why: str) -> int:
    scene.learns_arm(why)
    return slots.arm_of(scene.participant)


def _require_untreated(participant: Participant) -> None:
    if participant.state != State.RANDOMISED:
        raise Refused(
            _("The day of %(code)s is over; its steps can't be repeated.")
            % {"code": participant.code}
        )
    if participant.stops_treatment:
        raise Refused(
            _("%(code)s has withdrawn from treatment. Record that none was given.")
            % {"code": participant.code}
        )


def _require_once(moment: datetime | None) -> None:
    if moment is not None:
        raise Refused(
            _("This was already recorded, at %(time)s.")
            % {"time": f"{moment.astimezone(ZONE):%Y-%m-%d %H:%M}"}
        )
