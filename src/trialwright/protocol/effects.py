"""What a change of a protocol affects, from where in the file it stands."""

from enum import StrEnum

from trialwright.protocol.basics import Text
from trialwright.protocol.shapes import PROVENANCE, WORDING


class Effect(StrEnum):
    """What an amendment can touch, most serious first."""

    SAFETY_RULES = "safety_rules"
    ALLOCATION = "allocation"
    MASKING = "masking"
    CONSENT = "consent"
    ELIGIBILITY = "eligibility"
    PRODUCT = "product"
    ENTERED_DATA = "entered_data"
    VISITS = "visits"
    FORMS = "forms"
    ANALYSIS = "analysis"
    READINESS = "readiness"
    DOCUMENTS = "documents"

    @property
    def words(self) -> Text:
        """What it means for the running trial."""
        return _WORDS[self]


_WORDS = {
    Effect.SAFETY_RULES: Text(
        "Safety and design rules: the decision table is compiled and signed again",
        "安全与设计规则：决策表须重新编译并签署",
    ),
    Effect.ALLOCATION: Text(
        "Allocation: the list no longer fits; a new one is made and what was allocated stands",
        "随机分配：原分配表不再适用，须重新生成，已分配者不变",
    ),
    Effect.MASKING: Text("Masking: who may know an arm changes", "盲法：可知晓分组的人员改变"),
    Effect.CONSENT: Text(
        "Consent: participants still followed are asked again",
        "知情同意：仍在随访的受试者须重新知情同意",
    ),
    Effect.ELIGIBILITY: Text(
        "Eligibility: participants not yet allocated are assessed again; those allocated stay",
        "入选资格：尚未分配者须重新评估，已分配者不变",
    ),
    Effect.PRODUCT: Text(
        "Products: lots not yet released are held against the new tests",
        "产品：尚未放行的批次按新检验项目放行",
    ),
    Effect.ENTERED_DATA: Text(
        "Data of enrolled participants: values already entered are checked again, and signatures "
        "stay with the version they were given under",
        "已入组受试者的数据：已录入的值须重新核查，签名仍归属签署时的版本",
    ),
    Effect.VISITS: Text(
        "Visits: plans of enrolled participants are made again from their anchors",
        "访视：已入组受试者的访视计划按基准时点重新生成",
    ),
    Effect.FORMS: Text("Forms: what is asked or shown changes", "表单：询问或显示的内容改变"),
    Effect.ANALYSIS: Text(
        "Analysis: what is estimated, or in whom, changes", "分析：估计目标或分析人群改变"
    ),
    Effect.READINESS: Text(
        "Readiness: where facts come from changes, and with it whether real participants may enrol",
        "启动条件：事实依据改变，进而影响能否入组真实受试者",
    ),
    Effect.DOCUMENTS: Text(
        "Documents alone: nothing that runs changes", "仅涉及文件：运行不受影响"
    ),
}

_BY_SECTION = {
    "arms": (Effect.ALLOCATION, Effect.ANALYSIS),
    "allocation": (Effect.ALLOCATION,),
    "participants": (Effect.ALLOCATION, Effect.ANALYSIS),
    "masking": (Effect.MASKING,),
    "consent": (Effect.CONSENT,),
    "criteria": (Effect.ELIGIBILITY,),
    "products": (Effect.PRODUCT,),
    "visits": (Effect.VISITS,),
    "anchors": (Effect.VISITS,),
    "endpoints": (Effect.ANALYSIS,),
    "populations": (Effect.ANALYSIS,),
    "demonstration": (Effect.READINESS,),
    "languages": (Effect.FORMS,),
    "safety": (Effect.SAFETY_RULES,),
    "design": (Effect.SAFETY_RULES,),
}


def effects_of(path: tuple[str, ...], *, added: bool, removed: bool) -> tuple[Effect, ...]:
    """What a change at this place affects, most serious first."""
    section, last = path[0], path[-1]
    if last in PROVENANCE:
        return (Effect.DOCUMENTS,) if last == "note" else (Effect.READINESS,)
    if section in ("forms", "code_lists"):
        return _of_form(path, added=added)
    if section == "arms" and (last in WORDING or last == "description"):
        return (Effect.DOCUMENTS,)
    if section == "visits" and (removed or last == "forms"):
        return (Effect.ENTERED_DATA, Effect.VISITS)
    if last in WORDING and section not in ("consent",):
        return (Effect.DOCUMENTS,)
    return _BY_SECTION.get(section, (Effect.DOCUMENTS,))


def _of_form(path: tuple[str, ...], *, added: bool) -> tuple[Effect, ...]:
    last = path[-1]
    if path[-1] == "unmasking":
        return (Effect.MASKING, Effect.FORMS)
    wording = last in WORDING - {"points"}
    if wording or (added and path[0] == "code_lists") or last in ("completed_by", "signed_by"):
        return (Effect.FORMS,)
    return (Effect.ENTERED_DATA, Effect.FORMS)
