"""The registers' coded values in words, in English and Chinese.

English wording: the "legacy value" of each enumeration of the ClinicalTrials.gov API 2.0.0
(`/api/v2/studies/enums`), which is how the register itself has shown them. Chinese wording: ours.
"""

from __future__ import annotations

from typing import Literal

Language = Literal["en", "zh-hans"]
Kind = Literal[
    "status", "phase", "study_type", "allocation", "intervention_model", "observational_model",
    "time_perspective", "purpose", "masking", "who_masked", "arm_type", "intervention_type",
    "sex", "age_group", "sponsor_class", "date_type", "role",
]  # fmt: skip

_WORDS: dict[Kind, dict[str, tuple[str, str]]] = {
    "status": {
        "ACTIVE_NOT_RECRUITING": ("Active, not recruiting", "进行中，不再招募"),
        "COMPLETED": ("Completed", "已完成"),
        "ENROLLING_BY_INVITATION": ("Enrolling by invitation", "受邀入组"),
        "NOT_YET_RECRUITING": ("Not yet recruiting", "尚未招募"),
        "RECRUITING": ("Recruiting", "招募中"),
        "SUSPENDED": ("Suspended", "已暂停"),
        "TERMINATED": ("Terminated", "已终止"),
        "WITHDRAWN": ("Withdrawn", "已撤回"),
        "AVAILABLE": ("Available", "可获得"),
        "NO_LONGER_AVAILABLE": ("No longer available", "不再可获得"),
        "TEMPORARILY_NOT_AVAILABLE": ("Temporarily not available", "暂不可获得"),
        "APPROVED_FOR_MARKETING": ("Approved for marketing", "已获准上市"),
        "WITHHELD": ("Withheld", "暂不公开"),
        "UNKNOWN": ("Unknown status", "状态未知"),
    },
    "phase": {
        "NA": ("Not applicable", "不适用"),
        "EARLY_PHASE1": ("Early phase 1", "早期 1 期"),
        "PHASE1": ("Phase 1", "1 期"),
        "PHASE2": ("Phase 2", "2 期"),
        "PHASE3": ("Phase 3", "3 期"),
        "PHASE4": ("Phase 4", "4 期"),
    },
    "study_type": {
        "INTERVENTIONAL": ("Interventional", "干预性研究"),
        "OBSERVATIONAL": ("Observational", "观察性研究"),
        "EXPANDED_ACCESS": ("Expanded access", "拓展性使用"),
    },
    "allocation": {
        "RANDOMIZED": ("Randomised", "随机"),
        "NON_RANDOMIZED": ("Not randomised", "非随机"),
        "NA": ("Not applicable", "不适用"),
    },
    "intervention_model": {
        "SINGLE_GROUP": ("Single group", "单组"),
        "PARALLEL": ("Parallel groups", "平行组"),
        "CROSSOVER": ("Crossover", "交叉"),
        "FACTORIAL": ("Factorial", "析因"),
        "SEQUENTIAL": ("Sequential", "序贯"),
    },
    "observational_model": {
        "COHORT": ("Cohort", "队列"),
        "CASE_CONTROL": ("Case-control", "病例对照"),
        "CASE_ONLY": ("Case-only", "仅病例"),
        "CASE_CROSSOVER": ("Case-crossover", "病例交叉"),
        "ECOLOGIC_OR_COMMUNITY": ("Ecologic or community", "生态学或社区"),
        "FAMILY_BASED": ("Family-based", "基于家庭"),
        "DEFINED_POPULATION": ("Defined population", "特定人群"),
        "NATURAL_HISTORY": ("Natural history", "自然史"),
        "OTHER": ("Other", "其他"),
    },
    "time_perspective": {
        "RETROSPECTIVE": ("Retrospective", "回顾性"),
        "PROSPECTIVE": ("Prospective", "前瞻性"),
        "CROSS_SECTIONAL": ("Cross-sectional", "横断面"),
        "OTHER": ("Other", "其他"),
    },
    "purpose": {
        "TREATMENT": ("Treatment", "治疗"),
        "PREVENTION": ("Prevention", "预防"),
        "DIAGNOSTIC": ("Diagnosis", "诊断"),
        "ECT": ("Education, counselling or training", "教育、咨询或培训"),
        "SUPPORTIVE_CARE": ("Supportive care", "支持性治疗"),
        "SCREENING": ("Screening", "筛查"),
        "HEALTH_SERVICES_RESEARCH": ("Health services research", "卫生服务研究"),
        "BASIC_SCIENCE": ("Basic science", "基础科学"),
        "DEVICE_FEASIBILITY": ("Device feasibility", "器械可行性"),
        "OTHER": ("Other", "其他"),
    },
    "masking": {
        "NONE": ("None (open label)", "无（开放标签）"),
        "SINGLE": ("Single", "单盲"),
        "DOUBLE": ("Double", "双盲"),
        "TRIPLE": ("Triple", "三盲"),
        "QUADRUPLE": ("Quadruple", "四盲"),
    },
    "who_masked": {
        "PARTICIPANT": ("Participant", "受试者"),
        "CARE_PROVIDER": ("Care provider", "医护人员"),
        "INVESTIGATOR": ("Investigator", "研究者"),
        "OUTCOMES_ASSESSOR": ("Outcomes assessor", "结局评估者"),
    },
    "arm_type": {
        "EXPERIMENTAL": ("Experimental", "试验组"),
        "ACTIVE_COMPARATOR": ("Active comparator", "阳性对照"),
        "PLACEBO_COMPARATOR": ("Placebo comparator", "安慰剂对照"),
        "SHAM_COMPARATOR": ("Sham comparator", "假手术对照"),
        "NO_INTERVENTION": ("No intervention", "无干预"),
        "OTHER": ("Other", "其他"),
    },
    "intervention_type": {
        "BEHAVIORAL": ("Behavioural", "行为"),
        "BIOLOGICAL": ("Biological", "生物制品"),
        "COMBINATION_PRODUCT": ("Combination product", "组合产品"),
        "DEVICE": ("Device", "器械"),
        "DIAGNOSTIC_TEST": ("Diagnostic test", "诊断检测"),
        "DIETARY_SUPPLEMENT": ("Dietary supplement", "膳食补充剂"),
        "DRUG": ("Drug", "药物"),
        "GENETIC": ("Genetic", "基因"),
        "PROCEDURE": ("Procedure", "操作"),
        "RADIATION": ("Radiation", "放射"),
        "OTHER": ("Other", "其他"),
    },
    "sex": {"FEMALE": ("Female", "女"), "MALE": ("Male", "男"), "ALL": ("All", "不限")},
    "age_group": {
        "CHILD": ("Child", "儿童"),
        "ADULT": ("Adult", "成人"),
        "OLDER_ADULT": ("Older adult", "老年人"),
    },
    "sponsor_class": {
        "NIH": ("US NIH", "美国国立卫生研究院"),
        "FED": ("US federal agency", "美国联邦机构"),
        "OTHER_GOV": ("Other government", "其他政府机构"),
        "INDIV": ("Individual", "个人"),
        "INDUSTRY": ("Industry", "企业"),
        "NETWORK": ("Network", "协作网络"),
        "AMBIG": ("Ambiguous", "不明确"),
        "OTHER": ("Other", "其他"),
        "UNKNOWN": ("Unknown", "未知"),
    },
    "date_type": {"ACTUAL": ("actual", "实际"), "ESTIMATED": ("estimated", "预计")},
    "role": {
        "STUDY_CHAIR": ("Study chair", "研究主席"),
        "STUDY_DIRECTOR": ("Study director", "研究负责人"),
        "PRINCIPAL_INVESTIGATOR": ("Principal investigator", "主要研究者"),
        "SUB_INVESTIGATOR": ("Sub-investigator", "助理研究者"),
        "CONTACT": ("Contact", "联系人"),
    },
}


def in_words(kind: Kind, code: str, language: Language = "en") -> str:
    """Return a coded value in words; an unknown code is returned as it is.

    >>> in_words("status", "NOT_YET_RECRUITING")
    'Not yet recruiting'
    >>> in_words("phase", "PHASE9")
    'PHASE9'
    """
    words = _WORDS[kind].get(code)
    return code if words is None else words[0 if language == "en" else 1]


def codes_of(kind: Kind) -> tuple[str, ...]:
    """Every known code of a kind, in the register's order."""
    return tuple(_WORDS[kind])
