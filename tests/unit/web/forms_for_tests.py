"""A small form with one item of each kind, in the protocol's own types."""

from decimal import Decimal

from trialwright.protocol.basics import Text
from trialwright.protocol.expression import parse
from trialwright.protocol.forms import Code, CodeList, Form, Item, ItemType, Section

LINE = 1
NOT_DONE = ("not_done", "not_known")


def words(english: str, chinese: str = "") -> Text:
    return Text(english, chinese or f"中文 {english}")


REASONS = CodeList(
    "missing_reasons",
    (Code("not_done", words("Not done", "未做")), Code("not_known", words("Not known", "不详"))),
    LINE,
)
MENSES = CodeList(
    "menses",
    (Code("normal", words("Normal", "正常")), Code("none", words("Amenorrhoea", "闭经"))),
    LINE,
)
MANY = CodeList("many", tuple(Code(f"c{n}", words(f"Choice {n}")) for n in range(9)), LINE)

THICKNESS = Item(
    "thickness_mm",
    words("Endometrial thickness", "子宫内膜厚度"),
    ItemType.NUMBER,
    LINE,
    unit="mm",
    minimum=Decimal("0.5"),
    maximum=Decimal(30),
    decimals=1,
    missing_reasons=NOT_DONE,
)
EXAM_DATE = Item("exam_date", words("Date of the examination"), ItemType.DATE, LINE)
LAST_BLEED = Item(
    "last_bleed", words("Last bleed"), ItemType.PARTIAL_DATE, LINE, missing_reasons=NOT_DONE
)
CYCLE = Item(
    "menses", words("Menses"), ItemType.CHOICE, LINE, code_list=MENSES, missing_reasons=NOT_DONE
)
LIST = Item("list", words("Long list"), ItemType.CHOICE, LINE, code_list=MANY, optional=True)
PAIN = Item("pain", words("Pain"), ItemType.YES_NO, LINE)
WHERE = Item(
    "where", words("Where"), ItemType.TEXT, LINE, show_when=parse("pain == yes"), optional=True
)
TOTAL = Item("total", words("Score"), ItemType.SCORE, LINE, expression=parse("1 + 1"))
SEEN = Item("seen", words("Dressing seen"), ItemType.YES_NO, LINE, unmasking=True)

FORM = Form(
    "ultrasound",
    words("Ultrasound", "超声"),
    (
        Section("when", words("Examination", "检查"), (EXAM_DATE, LAST_BLEED)),
        Section("what", words("Findings"), (THICKNESS, CYCLE, LIST, PAIN, WHERE, TOTAL, SEEN)),
    ),
    (),
    LINE,
)
