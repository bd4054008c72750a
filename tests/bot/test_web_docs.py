"""docs/operations.md and the files in docs/deploy name what there is, and no more."""

from __future__ import annotations

import re
from pathlib import Path

from bot.config import Settings

DOCS = Path(__file__).parents[2] / "docs"
SETTINGS = {f"EXOPLAN_{name.upper()}" for name in Settings.model_fields}


def test_the_table_names_every_setting_and_no_other():
    """A setting that nobody can find does not exist."""
    page = (DOCS / "operations.md").read_text(encoding="utf-8")
    table = page.partition("## Settings")[2].partition("\n## ")[0]
    listed = re.findall(r"^\| `(EXOPLAN_\w+)`", table, re.MULTILINE)
    assert sorted(listed) == sorted(SETTINGS)


def test_what_is_deployed_sets_nothing_that_is_unknown():
    """A misspelt variable would be passed over in silence."""
    files = sorted((DOCS / "deploy").iterdir())
    assert [file.name for file in files] == ["compose.yaml", "exoplan.service"]
    for file in files:
        named = set(re.findall(r"EXOPLAN_\w+", file.read_text(encoding="utf-8")))
        assert named
        assert named <= SETTINGS
