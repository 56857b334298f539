"""Addresses for looking at the templates of the clinical pages by themselves.

They are filled with plain objects of a size that a page must bear. The form is a real one of the
demonstration protocol, judged by the protocol's own rules; its drafts are kept in a dictionary.
"""

from datetime import date, time
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import include, path
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from trialwright.protocol.answers import Refusal, read_value
from trialwright.protocol.completion import evaluate_form
from trialwright.protocol.demonstration import demonstration
from trialwright.protocol.values import Missing, canonical
from trialwright.web.components import (
    Cell,
    Column,
    Link,
    Moment,
    ParticipantBanner,
    Row,
    Status,
    Table,
    Task,
)
from trialwright.web.forms.fields import Answers, lay_out, problems_of
from trialwright.web.forms.posting import Raw, read_post
from trialwright.web.forms.showing import answer_rows
from trialwright.web.protocol_page import Reader

PROTOCOL = demonstration()
FORM = PROTOCOL.form("menses")
REASONS = next(codes for codes in PROTOCOL.code_lists if codes.key == "missing_reasons")
SAVED_AT = time(10, 42)
drafts: dict[str, Raw] = {}

DONE, TO_DO = Status("Completed"), Status("To enter", "todo")
LATE, BEGUN, LATER = Status("Overdue", "stop"), Status("Begun", "caution"), Status("Later", "idle")


def page(request: HttpRequest, name: str) -> HttpResponse:
    template, context = PAGES[name]()
    return render(request, f"web/{template}.html", {**_common(), **context})


def _common() -> dict[str, Any]:
    links = [Link(_("Participants"), "/pages/list"), Link(_("Protocol"), "/pages/protocol")]
    study = {"code": "DEMO-HAEC-01", "href": "/", "demonstration": True, "links": links}
    return {
        "study": study,
        "person": {"name": "Chen Yulan", "role": _("coordinator")},
        "today": 7,
        "crumbs": [Link("DEMO-HAEC-01", "/"), Link(_("Participants"), "/pages/list")],
        "heading": "C-007",
    }


def _participant() -> dict[str, Any]:
    banner = ParticipantBanner("C-007", "Chongqing", Status("Treated"), "1.0", "/pages/participant")
    return {"participant": banner}


def _participant_page() -> tuple[str, dict[str, Any]]:
    visits = [Task("Screening", DONE, "/a", "2 March 2026"), Task("Month 2", LATE, "/b", "Closed")]
    visits += [Task("Month 3", TO_DO, "/c", "12 to 26 June 2026"), Task("Month 12", LATER)]
    return "participant", {
        "action": Link("Record visit Month 3", "/d"),
        "groups": [{"heading": _("Visits"), "tasks": visits}],
        "steps": [Link("Record a withdrawal", "/e")],
        "matters": [Task("Query 14: thickness above every earlier value", TO_DO, "/f")],
        "moments": [
            Moment(date(2026, 6, 2), "Menses entered", "Chen Yulan", "/g"),
            Moment("2026", "Hold", tone="stop"),
        ],
        "sealed": [Row(_("Arm"), "3")],
    }


def _list() -> tuple[str, dict[str, Any]]:
    columns = [Column(head) for head in ("Participant", "Site", "State", "Next visit")]
    columns.append(Column("Queries", number=True, sort="?sort=queries"))
    shown = Paginator(range(60), 20).get_page(2)
    rows = [
        [
            Cell(f"C-{n:03}", "/p", code=True),
            Cell("Chongqing"),
            Cell(BEGUN),
            Cell("Month 3"),
            Cell(n),
        ]
        for n in shown.object_list
    ]
    table = Table("60 participants", columns, rows, twins=[Link("CSV", "/x"), Link("JSON", "/y")])
    options = [("C", "Chongqing"), ("J", "Jiangxi")]
    site = {"name": "site", "label": _("Site"), "options": options, "value": "C"}
    words = {"name": "q", "label": "Code", "value": ""}
    return "list", {"table": table, "page": shown, "filters": [site], "words": words}


def _sign_in() -> tuple[str, dict[str, Any]]:
    person = {"name": "Li Wen", "username": "li", "password": "a-quiet-evening", "role": "r"}
    problem = "Name and password don't belong together. Type both again."
    return "sign_in", {"people": [person], "problem": problem, "person": None, "study": None}


def _today() -> tuple[str, dict[str, Any]]:
    matter = {"heading": _("Visits"), "name": "visits", "tasks": [Task("C-007", LATE, "/a")]}
    return "today", {"matters": [matter]}


def _study() -> tuple[str, dict[str, Any]]:
    rows = [[Cell("Treated"), Cell(23)], [Cell("Screen failure"), Cell(5)]]
    states = Table("By state", [Column("State"), Column("All", number=True)], rows)
    facts = [Row(_("Protocol"), "1.0"), Row("Head", "4d1f2bca", code=True)]
    matters = [Task("Open queries", Status("14", "todo"), "/q")]
    return "study", {
        "sentence": "31 of 50 enrolled; the plan was 36.", "figure_table": states,
        "states": states, "matters": matters, "facts": facts,
    }  # fmt: skip


def _visit() -> tuple[str, dict[str, Any]]:
    forms = [Task("Menses", DONE, "/f"), Task("Ultrasound", BEGUN, "/f", "Draft saved 10:42")]
    facts = [Row("Planned for", "19 June 2026"), Row("Took place", unsaid="Not yet")]
    return "visit", {**_participant(), "facts": facts, "forms": forms}


def _ledger() -> tuple[str, dict[str, Any]]:
    _template, context = _list()
    head = {"number": 12442, "hash": "4d1f2bca91e0"}
    return "ledger", {**context, "head": head, "verified": Status("Holds together", "good")}


def _cuts() -> tuple[str, dict[str, Any]]:
    return "cuts", {"table": Table("Data cuts", [], [], empty="No cut yet."), "may_cut": True}


def _protocol() -> tuple[str, dict[str, Any]]:
    reader = Reader(PROTOCOL, get_language() or "en")
    return "protocol", {"sections": reader.sections(), "origins": reader.counts()}


def _check() -> tuple[str, dict[str, Any]]:
    language = get_language() or "en"
    rows = answer_rows(FORM, drafts, reasons=REASONS, language=language, change="/form")
    signer = {"name": "Li Wen", "role": _("investigator")}
    context = {"sections": rows, "signer": signer, "button": "Sign as investigator"}
    return "check", {**_participant(), **context, "statement": "I have checked these answers."}


PAGES = {
    "participant": _participant_page, "list": _list, "sign-in": _sign_in, "today": _today,
    "study": _study, "visit": _visit, "ledger": _ledger, "cuts": _cuts, "protocol": _protocol,
    "check": _check,
}  # fmt: skip


def form(request: HttpRequest) -> HttpResponse:
    """Show the form; sent, show what has to be mended."""
    problems = _judged(request) if request.method == "POST" else Answers(values=drafts)
    return _shown(request, "web/form.html", problems)


def draft(request: HttpRequest) -> HttpResponse:
    """Keep a draft, and answer what follows from it."""
    drafts.update(read_post(FORM, request.POST.dict()).values)
    return _shown(request, "web/parts/form_refresh.html", Answers(values=drafts))


def _judged(request: HttpRequest) -> Answers:
    posted = read_post(FORM, request.POST.dict())
    language = get_language() or "en"
    refusals = {
        key: answer.message.in_language(language)
        for key, typed in posted.values.items()
        if isinstance(typed, str)
        and isinstance(answer := read_value(FORM.item(key), typed), Refusal)
    }
    return Answers(values=posted.values, problems=refusals)


def _shown(request: HttpRequest, template: str, answers: Answers) -> HttpResponse:
    known = {}
    for key, typed in answers.values.items():
        read = typed if isinstance(typed, Missing) else read_value(FORM.item(key), typed)
        if not isinstance(read, Refusal):
            known[key] = read
    state = evaluate_form(FORM, known)
    computed = {key: canonical(value) for key, value in state.computed.items() if value is not None}
    answers = Answers(
        values={**answers.values, **computed},
        problems=answers.problems,
        completed={"days": "5"} if "completed" in request.GET else {},
        skipped=frozenset(item.key for item in FORM.items) - frozenset(state.shown),
    )
    groups = lay_out(FORM, answers, reasons=REASONS, language=get_language() or "en")
    context = {
        **_common(), **_participant(), "groups": groups, "problems": problems_of(groups),
        "draft": f"/draft?{request.GET.urlencode()}",
        "saved_at": SAVED_AT if request.path == "/draft" else None,
        "revision": 0, "button": "Save and continue", "heading": "Menses",
    }  # fmt: skip
    return render(request, template, context)


urlpatterns = [
    path("form", form),
    path("draft", draft),
    path("pages/<str:name>", page),
    path("", include("trialwright.web.urls")),
]
