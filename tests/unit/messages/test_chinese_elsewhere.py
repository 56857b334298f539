"""Sentences stand in English where they are said; what they are in Chinese, the catalogue knows."""

import re

from trialwright.messages import extraction

CHINESE = re.compile("[\u4e00-\u9fff]")
READ = ("registry/index/", "registry/search/")
"""Here Chinese is read: what a query or a description has in it, with examples."""


def test_no_python_file_has_chinese_in_it_but_where_chinese_is_read() -> None:
    found = {
        str(path.relative_to(extraction.PACKAGE))
        for path in extraction.PACKAGE.rglob("*.py")
        if CHINESE.search(path.read_text("utf-8"))
    }
    assert {name for name in found if not name.startswith(READ)} == set()
