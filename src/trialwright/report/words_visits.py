"""The fixed words of reports of monitoring visits."""

from trialwright.messages import Message

TEXTS = {
    "visit_kind": Message("Report of a monitoring visit"),
    "visit_title": Message("Monitoring visit {number}"),
    "visit_protocol": Message("Protocol version"),
    "visit_site": Message("Site"),
    "visit_of": Message("Kind of visit"),
    "visit_days": Message.in_context("visit", "Days"),
    "visit_monitor": Message("Written by"),
    "visit_dated": Message("Date of this document"),
    "visit_summary": Message("What was looked at, and what was found"),
    "visit_findings": Message("Findings"),
    "visit_overview": Message("Findings and where they stand"),
    "visit_none": Message("Nothing was found that the site has to do something about."),
    "visit_finding": Message("Finding"),
    "visit_severity": Message("Severity"),
    "visit_about": Message("About"),
    "visit_due": Message("Due date"),
    "visit_status": Message("Status"),
    "visit_found": Message.in_context("finding", "What was found"),
    "visit_action": Message("What the site is asked to do"),
    "visit_answer": Message("What was done about it"),
    "visit_reply": Message("Reply"),
    "visit_signatures": Message("Signatures"),
    "visit_signed": Message("Signed"),
    "visit_acknowledged": Message("Acknowledged"),
    "visit_not_yet": Message("Not yet"),
}
