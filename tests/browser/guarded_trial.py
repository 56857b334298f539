"""The trial of a story told in browsers: cells in lots, events, clocks, stopping rules, a board.

It is the third demonstration study, which has lots and containers, with rules that guard it.
"""

from datetime import datetime, timedelta
from importlib.resources import files

from tests.browser.walk import SECRET, Stage
from trialwright.accounts import actions as accounts
from trialwright.accounts.models import Person
from trialwright.accounts.reads import actor_in
from trialwright.conduct.actions import studies
from trialwright.demonstration.cells import FILE
from trialwright.demonstration.people import Cast, password_of
from trialwright.protocol.loader import parse_file

STUDY = "GUARD-01"
SITE = "C"
PEOPLE = {
    name: Cast(name, called, role, site, "")
    for name, called, role, site in (
        ("wu", "Wu Han", "laboratory", ""),
        ("deng", "Deng Xia", "qualified_person", ""),
        ("lin", "Lin Yue", "coordinator", SITE),
        ("zhao", "Zhao Wen", "investigator", SITE),
        ("zhou", "Zhou Ping", "product_handler", SITE),
        ("sun", "Sun Jie", "infusion_doctor", SITE),
        ("luo", "Luo Jing", "safety_office", ""),
        ("shen", "Shen Kai", "safety_physician", ""),
        ("wei", "Wei Shan", "board_statistician", ""),
        ("chen", "Chen Ning", "safety_board", ""),
        ("gao", "Gao Yun", "safety_board", ""),
    )
}
# Its list begins with two who are given the cells, and goes on with one who isn't.
_SEED = bytes([10]) * 32
_STOPPING = """\
  stopping_event:
    first_day: 0
    last_day: 28
    unassessed_counts_as_related: yes
    only_related: [grade_3]
    any_of:
      grade_3:
        en: "Event of grade 3 or worse that the product may have caused"
        zh: "可能由产品引起的 3 级及以上事件"
      infusion:
        en: "Infusion reaction with oxygen saturation under 90%"
        zh: "输注反应伴血氧饱和度低于 90%"
  holds:
    pauses: {arm_rule: all, pooled_rule: all}
    decided_by: {safety_board: 1}
  board: {members: [safety_board], quorum: 2}
"""
_CLOCKS = """
      cn_grave:
        label: {en: "Fatal or life-threatening SUSAR", zh: "致死或危及生命的 SUSAR"}
        region: CN
        when: [suspected_grave]
        period: 7 days
        complete_within: 8 days
        origin: literature
        source: cn_susar
      cn_other:
        label: {en: "Other SUSAR", zh: "其他可疑且非预期严重不良反应"}
        region: CN
        when: [suspected]
        period: 15 days
        origin: literature
        source: cn_susar
      eu_halt:
        label: {en: "Temporary halt", zh: "暂停试验"}
        region: EU
        when: [hold]
        period: 15 days
        origin: literature
        source: eu_536_2014
"""
_DESIGN = """
design:
  kind: selection
  arms: 2
  control: 2
  blocks: 6
  arm_rule: {limit: 0.15, prior: [0.3, 1.7], threshold: 0.85, participants: 12}
  pooled_rule: {limit: 0.30, prior: [0.6, 1.4], threshold: 0.98, participants: 12}
  counted: evaluable
"""
_SOURCE = '  eu_536_2014: "Regulation'
_CN = '  cn_susar: "NMPA announcement 50 of 2018, on rapid reporting of safety data."\n'


def text() -> str:
    """The protocol file."""
    told = (files("trialwright.demonstration") / FILE).read_text(encoding="utf-8")
    return (
        told.replace("DEMO-CELLS-01", STUDY)
        .replace("participants: 8", "participants: 12")
        .replace(_SOURCE, _CN + _SOURCE)
        .replace("  clocks:\n", _STOPPING + "  clocks:\n")
        .replace('  cells:\n    label: {en: "Cells"', '  verum:\n    label: {en: "Cell infusion"')
        .replace(
            '  saline:\n    label: {en: "Saline",', '  water:\n    label: {en: "Saline infusion",'
        )
        .replace("{cells: 1, saline: 1}", "{verum: 1, water: 1}")
        + _CLOCKS.removeprefix("\n")
        + _DESIGN
    )


def begin(at: datetime) -> Stage:
    """Sign the protocol ten days before, with its site and people; nothing else is there."""
    protocol = parse_file(text().encode())
    with accounts.entry("add_people", at=at) as writer:
        accounts.ensure_site(writer, study=STUDY, code=SITE, name_en="Central", name_zh="中心医院")
        for each in PEOPLE.values():
            person = accounts.add_person(
                writer, username=each.username, name=each.name, password=password_of(each, SECRET)
            )
            accounts.give_role(writer, person, study=STUDY, role=each.role, site=each.site)
    signer = actor_in(Person.objects.get(username="zhao"), STUDY, protocol.roles)
    assert signer is not None
    studies.sign_protocol(
        by=signer, source=text().encode(), file_name="guard_01.yaml", seed=_SEED,
        at=at - timedelta(days=10),
    )  # fmt: skip
    return Stage(protocol, PEOPLE)
