"""The addresses of a running study. Each can be guessed, bookmarked and shared."""

from collections.abc import Callable

from django.http import HttpResponse
from django.urls import URLPattern, URLResolver, include, path, register_converter

from trialwright.web.clinical import (
    allocation,
    appointments,
    attachments,
    calendar,
    casebook,
    cohorts,
    consent,
    cuts,
    dashboards,
    deviations,
    diaries,
    eligibility,
    entries,
    finding,
    first_results,
    form_pages,
    groups,
    identity,
    kits,
    laboratory,
    ledger,
    mails,
    monitoring,
    participants,
    participation,
    queries,
    randomisation,
    results,
    session,
    sign_together,
    step_page,
    study,
    today,
    trail_reviews,
    value_reviews,
    verification,
    visit_entry,
    visits,
    worklists,
)
from trialwright.web.products import (
    bedside,
    containers,
    deciding,
    donors,
    labels,
    lot_results,
    lots,
    notices,
    shipping,
    tracing,
)
from trialwright.web.safety import (
    board,
    cases,
    clocks,
    closed_reports,
    envelopes,
    events,
    holds,
    next_participant,
    recording,
    situations,
    unblinding,
)
from trialwright.web.setup.checklist import study_page


class Number:
    """A number as addresses name one: no longer than the database's numbers are."""

    regex = "[0-9]{1,9}"

    def to_python(self, text: str) -> int:
        """The number."""
        return int(text)

    def to_url(self, number: int) -> str:
        """Its digits."""
        return str(number)


class VisitName:
    """The name of a visit's occurrence: its key, and from the second on its number."""

    regex = "[a-z][a-z0-9_]*(?:~[0-9]{1,4})?"

    def to_python(self, text: str) -> str:
        """The name."""
        return text

    def to_url(self, name: str) -> str:
        """The name."""
        return name


register_converter(Number, "number")
register_converter(VisitName, "visit")


def _list(place: str, view: Callable[..., HttpResponse]) -> list[URLPattern]:
    """A list with its CSV and JSON twins."""
    twins = [path(f"{place}.{kind}", view, {"kind": kind}) for kind in ("csv", "json")]
    return [path(place, view), *twins]


_entry: list[URLPattern] = [
    path("", entries.entry_page),
    path("/draft", entries.draft_page),
    path("/answers", entries.answers_page),
    path("/sign", form_pages.sign_page),
    path("/significance", value_reviews.significance_page),
    path("/source", value_reviews.source_page),
    path("/attachments", attachments.form_attachments_page),
    path("/history/<slug:item>", form_pages.history_page),
    path("/ask/<slug:item>", queries.raise_page),
]

_visit: list[URLPattern | URLResolver] = [
    path("", visits.visit_page),
    path("/forms", visit_entry.forms_page),
    path("/forms/draft", visit_entry.draft_page),
    path("/sign", sign_together.visit_page),
    path("/took-place", visits.took_place_page),
    path("/missed", visits.missed_page),
    path("/appointment", appointments.appointment_page),
    path("/appointment/cancel", appointments.cancel_page),
    path("/<slug:form>/<number:repeat>", include(_entry)),
]

_participant: list[URLPattern | URLResolver] = [
    path("", participants.participant_page),
    path("/casebook.pdf", casebook.casebook_page),
    path("/attachments", attachments.participant_page),
    path("/attachments/<number:number>", attachments.attachment_page),
    path("/attachments/<number:number>/file", attachments.file_page),
    path("/attachments/<number:number>/remove", attachments.remove_page),
    path("/sign", sign_together.casebook_page),
    path("/consent", consent.consent_page),
    path("/consent/again", consent.again_page),
    path("/consent/withdraw", consent.withdraw_page),
    path("/consent/<number:number>/correct", consent.correct_page),
    path("/screen-failure", consent.screen_failure_page),
    path("/eligibility", eligibility.eligibility_page),
    path("/eligibility/sign", eligibility.sign_page),
    path("/randomise", randomisation.randomise_page),
    path("/arm", allocation.arm_page),
    path("/unblind", unblinding.unblind_page),
    path("/unblinding-accident", unblinding.accident_page),
    path("/envelope", envelopes.opening_page),
    path("/steps/<slug:step>", step_page.step_page),
    path("/steps/<slug:step>/<visit:visit>", step_page.step_page),
    path("/kits/<str:number>/return", kits.return_page),
    path("/kits/<str:number>/replace", kits.replace_page),
    path("/bedside/<slug:step>", bedside.bedside_page),
    path("/bedside/<slug:step>/<visit:visit>", bedside.bedside_page),
    path("/product-information/<number:number>", notices.notice_page),
    path("/wristband.pdf", labels.wristband_page),
    path("/deviation", deviations.record_page),
    path("/diary", diaries.diary_page),
    path("/diary/link", diaries.link_page),
    path("/diary/end", diaries.end_page),
    path("/adverse-event", recording.search_page),
    path("/situation", situations.situation_page),
    path("/pregnancy", situations.pregnancy_page),
    path("/adverse-event/<slug:term>", recording.record_page),
    path("/identity", identity.identity_page),
    path("/participation", participation.participation_page),
    path("/unscheduled", visits.unscheduled_page),
    path("/visits/<visit:visit>", include(_visit)),
]

_study: list[URLPattern | URLResolver] = [
    path("", study_page),
    path("/dashboard", dashboards.dashboard_page),
    *(
        path(f"/dashboard/{name}.{kind}", dashboards.dashboard_file, {"name": name, "kind": kind})
        for name in dashboards.MAKERS
        for kind in ("csv", "json")
    ),
    path("/protocol", study.protocol_page),
    path("/protocol/crf.pdf", casebook.crf_page),
    path("/protocol/annotated-crf.pdf", casebook.crf_page, {"annotated": True}),
    path("/protocol/analysis-plan.pdf", study.plan_pdf),
    path("/protocol/analysis-plan.html", study.plan_html),
    path("/ledger", ledger.ledger_page),
    *_list("/verification", verification.verification_page),
    *_list("/monitoring", monitoring.list_page),
    *_list("/monitoring/findings", monitoring.findings_page),
    path("/monitoring/new", monitoring.record_page),
    path("/monitoring/<number:number>", monitoring.visit_page),
    path("/monitoring/<number:number>/correct", monitoring.correct_page),
    path("/monitoring/<number:number>/report.pdf", monitoring.pdf_page),
    path("/monitoring/<number:number>/findings/new", monitoring.new_finding_page),
    path("/monitoring/<number:number>/findings/<number:finding>", monitoring.finding_page),
    path(
        "/monitoring/<number:number>/findings/<number:finding>/correct",
        monitoring.correct_finding_page,
    ),
    path(
        "/monitoring/<number:number>/findings/<number:finding>/remove",
        monitoring.remove_finding_page,
    ),
    path("/ledger/reviews", trail_reviews.review_page),
    path("/ledger/<number:number>", ledger.action_page),
    *_list("/laboratory", laboratory.list_page),
    path("/laboratory/new", laboratory.new_page),
    *_list("/laboratory/mappings", results.mappings_page),
    path("/laboratory/mappings/new", results.new_mapping_page),
    *_list("/laboratory/results", results.files_page),
    path("/laboratory/results/new", results.new_file_page),
    *_list("/laboratory/results/<number:number>", results.file_page),
    *_list("/laboratory/ranges/<slug:laboratory>/<number:version>", laboratory.ranges_page),
    *_list("/queries", queries.list_page),
    *_list("/visits", worklists.visits_page),
    *_list("/appointments", appointments.list_page),
    path("/calendar", calendar.calendar_page),
    path("/calendar/link", calendar.link_page),
    *_list("/forms", worklists.forms_page),
    *_list("/deviations", deviations.list_page),
    path("/deviations/<number:number>", deviations.deviation_page),
    *_list("/adverse-events", events.list_page),
    path("/adverse-events/<number:number>", events.event_page),
    path("/adverse-events/<number:number>/unblind", unblinding.reaction_page),
    path("/adverse-events/<number:number>/grade", recording.grade_page),
    path("/adverse-events/<number:number>/follow", recording.follow_page),
    path("/adverse-events/<number:number>/cause", events.cause_page),
    path("/adverse-events/<number:number>/nullify", events.nullify_page),
    path("/adverse-events/<number:number>/outcome", situations.outcome_page),
    path("/adverse-events/<number:number>/children", situations.child_page),
    path("/adverse-events/<number:number>/children/<str:child>", situations.follow_child_page),
    path("/adverse-events/<number:number>/case", cases.case_page),
    path("/adverse-events/<number:number>/case-blinded.pdf", cases.blinded_page),
    path("/adverse-events/<number:number>/case-unblinded.pdf", cases.unblinded_page),
    path("/queries/<number:number>", queries.query_page),
    *_list("/participants", participants.list_page),
    path("/to-sign", sign_together.next_page),
    path("/first-results", first_results.first_results_page),
    *_list("/clocks", clocks.list_page),
    path("/clocks/<number:number>", clocks.clock_page),
    path("/clocks/<number:number>/end", clocks.end_page),
    path("/holds", holds.list_page),
    path("/unblindings", unblinding.list_page),
    path("/unblindings/<number:number>/judge", unblinding.judge_page),
    *_list("/envelopes", envelopes.list_page),
    path("/envelopes/<number:number>", envelopes.settle_page),
    path("/envelopes/print/<slug:site>", envelopes.print_page),
    path("/holds/new", holds.new_page),
    path("/holds/decide", holds.decide_page),
    path("/board", board.list_page),
    path("/board/new", board.record_page),
    path("/board/<number:number>", board.meeting_page),
    path("/board/<number:number>/correct", board.record_page),
    path("/next-participant", next_participant.next_page),
    path("/cohorts", cohorts.cohorts_page),
    path("/cohorts/<slug:group>", cohorts.cohorts_page),
    path("/groups", groups.groups_page),
    *_list("/kits", kits.list_page),
    path("/kits/new", kits.new_page),
    path("/kits/send", kits.send_page),
    path("/kits/receive", kits.receive_page),
    path("/kits/set-aside", kits.set_aside_page),
    *_list("/products", lots.list_page),
    path("/products/trace", tracing.trace_page),
    path("/products/count", containers.count_page),
    path("/products/lots/new", lots.new_page),
    path("/products/lots/<slug:lot>", lots.lot_page),
    path("/products/lots/<slug:lot>/result", lot_results.result_page),
    path("/products/lots/<slug:lot>/containers", lots.containers_page),
    path("/products/lots/<slug:lot>/send", shipping.send_page),
    path("/products/receive/<slug:site>", shipping.receive_page),
    path("/products/lots/<slug:lot>/labels.pdf", labels.labels_page),
    path("/products/lots/<slug:lot>/decide", deciding.decide_page),
    path("/products/donors/new", donors.new_page),
    path("/products/donors/<slug:donor>", donors.donor_page),
    path("/products/donors/<slug:donor>/result", donors.result_page),
    path("/products/donors/<slug:donor>/exclude", donors.exclude_page),
    path("/products/containers/<slug:container>", containers.container_page),
    path("/products/containers/<slug:container>/move", containers.move_page),
    path("/screen", participants.screen_page),
    path("/hospital-number", identity.hospital_number_page),
    path("/participants/<str:code>", include(_participant)),
    path("/cuts", cuts.cuts_page),
    path("/cuts/<slug:name>", cuts.cut_page),
    path("/cuts/<slug:name>/report.pdf", cuts.report_pdf),
    path("/cuts/<slug:name>/report.html", cuts.report_html),
    path("/cuts/<slug:name>/report-by-arm.pdf", cuts.report_pdf, {"by_arm": True}),
    path("/cuts/<slug:name>/report-by-arm.html", cuts.report_html, {"by_arm": True}),
    path("/cuts/<slug:name>/copies", closed_reports.copies_page),
    path("/cuts/<slug:name>/copies/<number:number>.pdf", closed_reports.copy_pdf),
    path("/cuts/<slug:name>/files.zip", cuts.cut_files),
    path("/cuts/<slug:name>/listings.pdf", cuts.listings_pdf),
    path("/cuts/<slug:name>/listings-by-arm.pdf", cuts.listings_pdf, {"by_arm": True}),
    path("/cuts/<slug:name>/tables.zip", cuts.listings_files),
    path("/cuts/<slug:name>/tables-by-arm.zip", cuts.listings_files, {"by_arm": True}),
]

urlpatterns: list[URLPattern | URLResolver] = [
    path("today", today.today_page),
    path("mails", mails.mails_page),
    path("reminders/<uuid:key>", mails.reminder_page),
    path("calendars/<str:token>.ics", calendar.feed_page),
    path("find", finding.find_page),
    path("sign-in", session.sign_in, name="sign-in"),
    path("sign-out", session.sign_out),
    path("still-here", session.still_here),
    path("studies/<str:study>", include(_study)),
]
