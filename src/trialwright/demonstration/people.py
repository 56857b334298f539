"""The invented people of the demonstration study, and what each may try first."""

import hashlib
import hmac
from collections.abc import Iterable
from dataclasses import dataclass

from django.utils import timezone

from trialwright.accounts import actions
from trialwright.accounts.models import Membership, Person
from trialwright.messages import Message
from trialwright.protocol.basics import Role

SITES = (
    ("C", Message("Central Women's Hospital (invented)")),
    ("N", Message("Northern Maternity Hospital (invented)")),
)


@dataclass(frozen=True, slots=True)
class Cast:
    """One invented person: how she signs in, her role and site, and what to try first."""

    username: str
    name: str
    role: Role
    site: str
    first: str


CAST = (
    Cast("lin", "Lin Yue", Role.COORDINATOR, "C", "see what is due today; enter a visit"),
    Cast("he", "He Min", Role.COORDINATOR, "N", "see the other site's participants"),
    Cast("zhao", "Zhao Wen", Role.INVESTIGATOR, "C", "confirm an eligibility; sign a form"),
    Cast("qian", "Qian Rui", Role.INVESTIGATOR, "N", "sign a form"),
    Cast("sun", "Sun Jie", Role.OPERATING_SURGEON, "C", "declare a resection complete"),
    Cast("tang", "Tang Bo", Role.OPERATING_SURGEON, "N", "declare a resection complete"),
    Cast("zhou", "Zhou Ping", Role.PRODUCT_HANDLER, "C", "receive an allocation"),
    Cast("deng", "Deng Xia", Role.PRODUCT_HANDLER, "N", "receive an allocation"),
    Cast("wu", "Wu Han", Role.LABORATORY_RELEASER, "", "see the cell laboratory's side"),
    Cast("zheng", "Zheng Li", Role.OUTCOME_ASSESSOR, "", "score a second look, blinded"),
    Cast("feng", "Feng Yi", Role.MONITOR, "", "read the data and the ledger"),
    Cast("chen", "Chen Ning", Role.SAFETY_BOARD, "", "read the report by arm"),
    Cast("gao", "Gao Yun", Role.SAFETY_BOARD, "", "read the board's meeting"),
    Cast("wei", "Wei Shan", Role.BOARD_STATISTICIAN, "", "make a cut; read it by arm"),
    Cast("jiang", "Jiang Tao", Role.TRIAL_STATISTICIAN, "", "make a cut; read it pooled"),
    Cast("shen", "Shen Kai", Role.SAFETY_PHYSICIAN, "", "read the pooled report"),
    Cast("luo", "Luo Jing", Role.SAFETY_OFFICE, "", "see the arm of one participant"),
    Cast("fang", "Fang Zhe", Role.ADJUDICATOR, "", "read the data, blinded"),
    Cast("yang", "Yang Mei", Role.DATA_MANAGER, "", "raise and close queries"),
    Cast("admin", "Xu Lan", Role.ADMINISTRATOR, "", "see that no clinical data are shown"),
)


def password_of(cast: Cast, secret: str) -> str:
    """Her password: the same at each start of one installation, different at each other one."""
    digest = hmac.new(secret.encode(), cast.username.encode(), hashlib.sha256).hexdigest()
    return f"{cast.username}-{digest[:10]}"


def ensure_people(study: str, secret: str) -> None:
    """Make the sites and people that aren't there yet."""
    with actions.entry("add_people", at=timezone.now()) as writer:
        for code, name in SITES:
            names = {"name_en": name.in_language("en"), "name_zh": name.in_language("zh")}
            actions.ensure_site(writer, study=study, code=code, **names)
        for cast in CAST:
            person = Person.objects.filter(username=cast.username).first()
            if person is None:
                person = actions.add_person(
                    writer,
                    username=cast.username,
                    name=cast.name,
                    password=password_of(cast, secret),
                )
            held = Membership.objects.filter(person=person, study=study, role=cast.role.value)
            if not held.filter(site=cast.site).exists():
                actions.give_role(writer, person, study=study, role=cast.role, site=cast.site)


def give_seats(study: str, seats: Iterable[tuple[str, str, str]]) -> None:
    """Give people of the demonstration the roles they lack in another study: who, as what, where.

    A site that isn't there is not made.
    """
    rows = Membership.objects.filter(study=study)
    held = set(rows.values_list("person__username", "role", "site"))
    lacking = [seat for seat in seats if seat not in held]
    if not lacking:
        return
    wanted = {name for name, _role, _site in lacking}
    people = {each.username: each for each in Person.objects.filter(username__in=wanted)}
    with actions.entry("add_people", at=timezone.now()) as writer:
        for name, role, site in lacking:
            actions.give_role(writer, people[name], study=study, role=role, site=site)
