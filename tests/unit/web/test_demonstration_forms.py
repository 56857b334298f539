"""Every form of the demonstration protocol stands on a page, in both languages."""

import re

import pytest
from django.template.loader import render_to_string
from django.utils import translation

from trialwright.demonstration.protocol import demonstration
from trialwright.web.forms.fields import Answers, lay_out
from trialwright.web.forms.posting import read_post

PROTOCOL = demonstration()
REASONS = next(codes for codes in PROTOCOL.code_lists if codes.key == "missing_reasons")


@pytest.mark.parametrize("key", [form.key for form in PROTOCOL.forms])
@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_a_form_is_shown_whole_with_no_id_twice(key: str, language: str) -> None:
    form = PROTOCOL.form(key)
    with translation.override(language):
        groups = lay_out(form, Answers(), reasons=REASONS, language=language)
        text = render_to_string("web/parts/form.html", {"groups": groups})
    ids = re.findall(r' id="([^"]+)"', text)
    assert len(ids) == len(set(ids))
    assert text.count('class="field') == len(form.items)


@pytest.mark.parametrize("key", [form.key for form in PROTOCOL.forms])
def test_an_untouched_form_comes_back_empty(key: str) -> None:
    form = PROTOCOL.form(key)
    groups = lay_out(form, Answers(), reasons=REASONS, language="en")
    names = set(re.findall(r' name="([^"]+)"', render_to_string("web/parts/form.html", locals())))
    posted = read_post(form, dict.fromkeys(names, ""))
    assert set(posted.values.values()) <= {""}
    assert list(posted.values) == [item.key for item in form.items if not item.computed]
