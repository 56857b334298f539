"""What a registration does not tell: each gap with its words in both languages."""

from __future__ import annotations

from dataclasses import dataclass

# Every gap that a draft can have, by its name. {0} is what it is about.
_WORDS: dict[str, tuple[str, str]] = {
    "title": ("its title", "标题"),
    "summary": ("what the trial is for (brief summary)", "试验目的（简要概述）"),
    "sponsor": ("who the sponsor is", "申办者"),
    "phase": ("its phase", "分期"),
    "participants": ("how many participants", "受试者人数"),
    "arms": ("its arms or groups", "试验组别"),
    "arm type": ("what kind of arm “{0}” is", "“{0}”属于哪类组别"),
    "arm description": ("what is done in arm “{0}”", "“{0}”组的具体做法"),
    "arm products": ("which arm is given “{0}”", "哪一组接受“{0}”"),
    "product description": ("what “{0}” is exactly, and its dose", "“{0}”的具体内容与剂量"),
    "release": ("what a lot of a product must pass before it is given", "产品批次放行标准"),
    "allocation": ("whether participants are randomised", "是否随机分配"),
    "ratio": ("the allocation ratio, block sizes and strata", "分配比例、区组大小与分层因素"),
    "masking": ("whether anyone is masked", "是否设盲"),
    "who is masked": ("which roles are masked", "哪些角色被设盲"),
    "care provider": (
        "which of the people who treat participants are masked (“care provider”)",
        "哪些医护人员被设盲",
    ),
    "criteria": ("who may take part", "入选标准"),
    "exclusion": ("who must not take part", "排除标准"),
    "headings": (
        "which criteria include and which exclude: the text has no headings",
        "哪些为纳入、哪些为排除：原文未分标题",
    ),
    "age": ("a lower limit of age", "年龄下限"),
    "sex": ("which sex may take part", "性别要求"),
    "outcomes": ("any outcome", "任何结局指标"),
    "primary outcome": ("a primary outcome", "主要结局指标"),
    "time frame": ("when “{0}” is measured", "“{0}”的测量时间"),
    "time frame words": (
        "on which day “{0}” is measured: its time frame names none that can be counted",
        "“{0}”具体在哪一天测量：其时间范围无法换算为天数",
    ),
    "instrument": (
        "how each outcome is measured: its unit, range and instrument",
        "各结局如何测量：单位、范围与工具",
    ),
    "visits": (
        "the visits, their windows, and what is done at each",
        "各次访视、时间窗及访视内容",
    ),
    "estimand": (
        "what is done about events that change what an outcome means (ICH E9(R1))",
        "对影响结局含义的伴发事件如何处理（ICH E9(R1)）",
    ),
    "analysis": ("how arms are compared", "组间如何比较"),
    "stopping": ("when the trial is stopped or held", "何时停止或暂停试验"),
    "consent": ("what participants consent to, part by part", "知情同意的各项内容"),
    "left out": (
        "its free text, which this copy of the record leaves out: read it at the register",
        "自由文本：本副本未收录，请查阅登记平台原文",
    ),
}


@dataclass(frozen=True, slots=True)
class Gap:
    """One thing that a registration does not tell; `about` is what in particular."""

    name: str
    about: str = ""

    def words(self, language: str = "en") -> str:
        """The gap in words: completes "This registration does not tell …"."""
        return _WORDS[self.name][0 if language == "en" else 1].format(self.about)
