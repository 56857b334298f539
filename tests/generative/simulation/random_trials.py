"""Protocols drawn at random: arms or none, groups, roles, steps, visits, forms, checks."""

from dataclasses import dataclass, field
from random import Random

ITEMS = (
    "{{label: {key}, type: integer, minimum: 0, maximum: {n}}}",
    "{{label: {key}, type: number, minimum: {n}, maximum: 500, decimals: 1, likely_maximum: 400}}",
    "{{label: {key}, type: yes_no}}",
    "{{label: {key}, type: choice, choices: grades}}",
    "{{label: {key}, type: date}}",
    "{{label: {key}, type: partial_date, missing: [not_done]}}",
    "{{label: {key}, type: time, optional: yes}}",
    "{{label: {key}, type: text, longest: 30, missing: [not_done]}}",
    "{{label: {key}, type: lab, unit: U/L, minimum: 0, maximum: 900, normal_high: {n}, "
    "normal_low: 5}}",
)
NUMBERS = (0, 1, 8)
AFTER = ("1 week", "30 d", "3 months", "1 year")


@dataclass(slots=True)
class Drawing:
    """One trial being drawn; `text` writes it."""

    random: Random
    # Apart, so that whether there are groups changes nothing else of a trial.
    grouping: Random
    numbers: dict[str, list[str]] = field(default_factory=dict)
    truths: dict[str, list[str]] = field(default_factory=dict)

    def text(self) -> str:
        """The file."""
        random = self.random
        forms = [f"form_{n}" for n in range(random.randint(1, 3))]
        grouped = self.grouping.random() < 0.5
        written = "".join(self._form(form, parted=grouped and form == forms[0]) for form in forms)
        arms = random.randint(1, 3)
        visits = [f"visit_{n}" for n in range(random.randint(1, 3))]
        participants = random.randrange(4, 60, 2)
        apart = grouped and arms > 1 and self.grouping.random() < 0.5
        return "".join(
            (
                _HEAD.format(participants=participants),
                self._arms(arms, apart=apart),
                self._groups(f"screening.{forms[0]}.part", participants, apart) if grouped else "",
                self._steps(visits, blinded=arms > 1),
                f"forms:\n{written}",
                self._visits(visits, forms, allocated=arms > 1),
                self._criteria(forms[0]),
                self._endpoint(forms, allocated=arms > 1),
            )
        )

    def _form(self, key: str, *, parted: bool) -> str:
        random, lines = self.random, []
        self.numbers[key], self.truths[key] = [], []
        for number in range(random.randint(1, 5)):
            kind = random.randrange(len(ITEMS))
            item = f"item_{number}"
            shape = ITEMS[kind].format(key=item, n=random.randrange(6, 60))
            if self.truths[key] and kind != 2 and random.random() < 0.3:
                shape = f"{shape[:-1]}, show_when: {self.truths[key][0]}}}"
            elif kind in NUMBERS:
                self.numbers[key].append(item)
            elif kind == 2:
                self.truths[key].append(item)
            lines.append(f"          {item}: {shape}\n")
        signed = "    signed_by: investigator\n" if random.random() < 0.5 else ""
        lines.append("          grade: {label: Grade, type: choice, choices: grades}\n")
        if parted:
            lines.append("          part: {label: In the first part, type: yes_no}\n")
        return (
            f"  {key}:\n    label: {key}\n{signed}    sections:\n      all:\n        label: All\n"
            f"        items:\n{''.join(lines)}{self._checks(key)}"
        )

    def _checks(self, key: str) -> str:
        numbers = self.numbers[key]
        if len(numbers) < 2:
            return ""
        severity = self.random.choice(("refuse", "ask"))
        return (
            f"    checks:\n      order:\n        when: {numbers[0]} > {numbers[1]}\n"
            f"        severity: {severity}\n        message: The first is greater\n"
            f"        items: [{numbers[0]}, {numbers[1]}]\n"
        )

    def _arms(self, count: int, *, apart: bool) -> str:
        lines = "".join(
            f"  arm_{n}: {{label: Arm {n}, type: experimental, description: Arm {n}}}\n"
            for n in range(count)
        )
        text = f"arms:\n{lines}"
        if count > 1:
            ratio = ", ".join(f"arm_{n}: 1" for n in range(count))
            blocks = f"ratio: {{{ratio}}}, block_sizes: [{count}, {2 * count}]"
            text += (
                f"allocations:\n  by_blocks: {{label: Blocks, {blocks}}}\n"
                f"  by_draw: {{label: Draw, kind: simple, ratio: {{{ratio}}}}}\n"
                if apart
                else f"allocation: {{{blocks}}}\n"
            )
        return text

    def _groups(self, part: str, participants: int, apart: bool) -> str:
        """Two groups, the second of which may open once somebody entered the first."""
        random = self.grouping
        parts = [[f"when: {part}"], [f"when: not {part}"]]
        if random.random() < 0.5:
            parts[1].append("opens: {after: first, reached: 1}")
        for of_group, allocation in zip(parts, ("by_blocks", "by_draw"), strict=True):
            if apart:
                of_group.append(f"allocation: {allocation}")
            if random.random() < 0.5:
                of_group.append(f"participants: {participants // 2}")
        lines = [
            f"  {key}: {{label: {key}, {', '.join(of_group)}}}\n"
            for key, of_group in zip(("first", "second"), parts, strict=True)
        ]
        return f"groups:\n{''.join(lines)}"

    def _steps(self, visits: list[str], *, blinded: bool) -> str:
        random, lines, before = self.random, [], ""
        for number in range(random.randint(0, 3)):
            parts = ["label: Step", f"roles: [{random.choice(('nurse', 'pharmacist'))}]"]
            if random.random() < 0.7:
                parts.append(f"at: [{', '.join(visits)}]")
            if before and random.random() < 0.6:
                parts.append(f"after: [{before}]")
            if random.random() < 0.5:
                parts += ["records: dose", "planned: {amount: 10, unit: mg}"]
            if blinded and "[pharmacist]" in parts[1] and random.random() < 0.5:
                parts.append("reveals_arm: yes")
            if random.random() < 0.3:
                parts.append("two_people: yes")
            before = f"step_{number}"
            lines.append(f"  {before}: {{{', '.join(parts)}}}\n")
        return f"steps:\n{''.join(lines)}" if lines else ""

    def _visits(self, visits: list[str], forms: list[str], *, allocated: bool) -> str:
        random = self.random
        anchor = "allocation" if allocated else "consent"
        lines = [
            "anchors:\n  consent: {label: Consent, step: consent}\n",
            "  allocation: {label: Allocation, step: allocation}\n" if allocated else "",
            f"visits:\n  screening: {{label: S, anchor: consent, screening: yes, "
            f"window_after_days: 5, forms: [{forms[0]}]}}\n",
        ]
        for visit, after in zip(visits, AFTER, strict=False):
            some = random.sample(forms, random.randint(1, len(forms)))
            if visit == visits[-1]:
                some = forms
            lines.append(
                f"  {visit}: {{label: V, anchor: {anchor}, after: {after}, window_after_days: "
                f"{random.randrange(0, 8)}, forms: [{', '.join(some)}]}}\n"
            )
        if random.random() < 0.5:
            lines.append(f"  any_time: {{label: A, forms: [{random.choice(forms)}]}}\n")
        return "".join(lines)

    def _criteria(self, form: str) -> str:
        checks = [f"screening.{form}.{item} >= 5" for item in self.numbers[form]]
        checks += [f"screening.{form}.{item}" for item in self.truths[form]]
        lines = [f'    c{n}: {{text: C, check: "{each}"}}\n' for n, each in enumerate(checks)]
        return f"criteria:\n  inclusion:\n    judged: {{text: By judgement}}\n{''.join(lines)}"

    def _endpoint(self, forms: list[str], *, allocated: bool) -> str:
        who = "participant.randomised" if allocated else "true"
        return (
            f'populations: {{all: {{label: All, definition: All, who: "{who}"}}}}\n'
            "endpoints:\n  first:\n    label: First\n    kind: primary\n    population: all\n"
            f"    treatments: All\n    variable: screening.{forms[0]}.item_0\n"
            "    definition: First\n    at: screening\n    summary: Mean\n"
            "    intercurrent_events: {death: {label: Death, strategy: composite}}\n"
        )


def random_trial(seed: int) -> str:
    """The protocol file of a number."""
    return Drawing(Random(f"trial {seed}"), Random(f"groups {seed}")).text()


_HEAD = """\
protocol: 1
identifier: RANDOM-01
version: "1"
date: 2023-01-15
languages: [en]
demonstration: yes
origin: assumed
source: us
title: Drawn at random
participants: {participants}
sources: {{us: Drawn for a test}}
simulation:
  {{stops: 0.2, withdrawals: 0.2, losses: 0.2, deaths: 0.2, late_visits: 0.3, missed_visits: 0.2,
    doses_in_part: 0.2, doses_not_given: 0.2, mistakes: 0.3, corrections: 0.3, queries: 0.3,
    years: 2}}
roles:
  investigator: {{like: investigator}}
  coordinator: {{like: coordinator}}
  pharmacist:
    {{label: Pharmacist, at_site: yes, may: [see_participants, see_ledger], knows_arm: yes}}
  nurse: {{label: Nurse, at_site: yes, may: [see_participants, see_ledger], knows_arm: no}}
  monitor: {{like: monitor}}
  statistician: {{like: trial_statistician}}
  administrator: {{like: administrator}}
consent: {{version: "1", parts: {{study: {{label: Taking part}}}}}}
code_lists:
  grades: {{g1: {{label: One}}, g2: {{label: Two}}, g3: {{label: Three}}}}
  missing_reasons: {{not_done: {{label: Not done}}}}
"""
