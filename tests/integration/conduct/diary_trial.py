"""A small open trial whose participants keep a diary for five days after their first visit."""

from datetime import datetime, timedelta
from typing import Any

from tests.integration.conduct.other_trials import HEAD, START, Trial, begin
from trialwright.conduct.actions import diaries, visiting
from trialwright.conduct.diary.diaries import code_of
from trialwright.conduct.models import DiaryLink

STUDY = "DIARY-01"
FORM = """\
  bleeding:
    label: "Bleeding diary"
    repeating: yes
    diary:
      {from: began, day: 1, days: 5, at: ["20:00"], on_time_hours: 14, open_hours: 48,
       remind_hours: 2}
    sections:
      all:
        label: "Today"
        items:
          bled: {label: "Did you bleed?", type: yes_no}
          pads:
            {label: "Pads soaked", type: integer, minimum: 0, maximum: 40}
          remark: {label: "Anything else", type: text, longest: 200, optional: yes}
    checks:
      many:
        when: "pads > 20"
        severity: ask
        message: "More than 20 pads in a day"
        items: [pads]
      none:
        when: "not bled and pads > 0"
        severity: refuse
        message: "You wrote that you did not bleed, and that pads were soaked"
        items: [pads]
"""
FILE = (
    HEAD.format(study=STUDY, title="A diary", participants=4, last="week_2")
    .replace("participant.treated", "not participant.withdrawn")
    .replace("  statistician:", "  monitor: {like: monitor}\n  statistician:")
    .replace("populations:\n", FORM + "populations:\n")
    + """\
arms:
  observed: {label: "Observed", type: no_intervention, description: "Nothing is given"}
anchors:
  consent: {label: "Consent", step: consent}
  began: {label: "First visit", visit: first}
visits:
  first: {label: "First visit", anchor: consent, window_after_days: 14, forms: [score]}
  diary: {label: "Diary", forms: [bleeding]}
  week_2: {label: "Week 2", anchor: began, day: 14, window_after_days: 7, forms: [score]}
"""
)


class Diaries:
    """The trial, a participant whose first visit was today, and a link that is open."""

    def __init__(self, text: str = FILE, *, opened: bool = True, at: datetime = START) -> None:
        self.trial: Trial = begin(text, at)
        self.code = self.trial.eligible()
        visiting.record_visit(
            by=self.by("coordinator"), code=self.code, visit="first",
            on=self.trial.now.date(), at=self.trial.now,
        )  # fmt: skip
        self.device = ""
        self.id = self.invite()
        if opened:
            self.device = self.open()

    def by(self, name: str) -> Any:
        return self.trial.person(name)

    @property
    def link(self) -> DiaryLink:
        return DiaryLink.objects.select_related("participant__study").get(pk=self.id)

    def invite(self) -> Any:
        return diaries.make_diary_link(
            by=self.by("coordinator"), code=self.code, language="en", at=self.trial.now
        )

    def open(self, code: str | None = None) -> str:
        return diaries.open_diary(link=self.link, typed=code or code_of(self.id), at=self.trial.now)

    def at(self, day: int, hour: int) -> datetime:
        """A time on the day so many days after the first visit, at the site."""
        first = self.trial.now.replace(hour=0, minute=0)
        return first + timedelta(days=day, hours=hour)

    def send(self, number: int, at: datetime, key: str = "k", **more: Any) -> bool:
        given = {"bled": "yes", "pads": "3", **more.pop("raw", {})}
        return diaries.send_diary_entry(
            **{"link": self.link, "device": self.device, "form": "bleeding", "number": number,
               "raw": given, "key": key, "at": at, **more}
        )  # fmt: skip
