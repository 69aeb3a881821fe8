"""Numbers that people read are written as their language does, so no page and no view writes decimals by itself."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
TEMPLATES = ROOT / "lti_tool" / "templates"
DRAWN = {"charts.py", "poll_charts.py"}  # coordinates of pictures stay plain; their labels are handed in
BY_ITSELF = re.compile(r"""["']%[+]?\.\d[efg]["']\s*\|\s*format|\}\}\s*%(?!\})|round\|int\s*\}\}\s*%(?!\})""")
DECIMALS = re.compile(r"[.][1-9]\d*[efg%]|^[+]?[,gn%]$")
FIELDS = {"problem_form.py"}  # what stands in a field is read again as it stands there


def formatted(path: Path) -> Iterator[str]:
    """The format of each number that an f-string of this file writes with decimals."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FormattedValue) and isinstance(node.format_spec, ast.JoinedStr):
            spec = "".join(str(part.value) for part in node.format_spec.values if isinstance(part, ast.Constant))
            if DECIMALS.search(spec):
                yield f"{path.name}:{node.lineno}: {spec}"


def test_no_page_writes_decimals_or_percents_by_itself() -> None:
    pages = sorted(TEMPLATES.rglob("*.html"))
    assert len(pages) > 30
    assert [path.name for path in pages if BY_ITSELF.search(path.read_text(encoding="utf-8"))] == []


def test_no_view_writes_decimals_by_itself() -> None:
    pages = [path for path in (ROOT / "lti_tool").rglob("*.py") if path.name not in DRAWN | FIELDS]
    assert [line for path in [*pages, *(ROOT / "bot").rglob("*.py")] for line in formatted(path)] == []
    assert list(formatted(ROOT / "lti_tool" / "poll_charts.py"))  # it does find what is there
