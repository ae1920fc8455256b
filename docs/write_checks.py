"""Write docs/checks.md from the checks themselves: rules, docstrings, and what they said of the projects planted for them.

Run it after a change: `python docs/write_checks.py`. A test compares the file with what this writes.
"""

from pathlib import Path

from alembic_proof.checks.registry import ALL_CHECKS, Check

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs/checks.md"

HEAD = """\
# The checks

Written by `docs/write_checks.py` from the checks' own words: change those. Each example is what the check says of the project
that is planted for it under `tests/planted/`, and a test pastes the fix and sees it silenced.

`--checks` takes codes and names; `[tool.alembic_proof.severity]` says how much a check's findings weigh.
"""


def page() -> str:
    """The whole page."""
    listed = "\n".join(f"| [{c.rule.code}](#{_anchor(c)}) | {c.rule.slug} | {c.scope} |" for c in ALL_CHECKS)
    table = f"| code | true when all is well | judged for each |\n| --- | --- | --- |\n{listed}\n"
    return "\n".join([HEAD, table, *map(_section, ALL_CHECKS)])


def _section(check: Check) -> str:
    rule = check.rule
    parts = [f"## {rule.code} {rule.slug}", check.page, f"**Effect.** {rule.effect}"]
    stem = rule.slug.replace("-", "_")
    expected = ROOT / "tests/planted" / stem / "expected.txt"
    if expected.is_file():
        parts.append(f"```text\n{expected.read_text(encoding='utf-8').strip()}\n```")
    return "\n\n".join(parts) + "\n"


def _anchor(check: Check) -> str:
    return f"{check.rule.code}-{check.rule.slug}".lower()


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
