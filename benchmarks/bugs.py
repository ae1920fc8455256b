"""Plant each bug of a list in a small project, prove it on PostgreSQL, and say which checks told it; then its clean twin.

Ends with status 1 if a bug is missed, or if anything is broken on a twin.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from bug_list import BUGS
from bug_projects import Bug, Shop
from rich.console import Console
from rich.progress import track
from rich.table import Table

from alembic_proof.databases.opening import open_server

CHECKS = ("--checks", "AP101,AP102,AP103,AP105,AP201,AP202,AP301,AP302,AP303,AP304,AP305,AP307,AP401,AP501,AP502,AP503,AP504")


def broken(shop: Shop, root: Path, url: str) -> Sequence[str]:
    """Name the checks that find something in a project: by the command line, as a user runs it."""
    root.mkdir(parents=True)
    shop.write(root)
    if shop.edits:
        _run("lock", root, url, (0,))
    for path, (before, after) in shop.edits.items():
        text = (root / path).read_text()
        assert before in text, f"{before} does not stand in {path}"
        (root / path).write_text(text.replace(before, after))
    _run("verify", root, url, (0, 1), "--no-cache", "--format", "json=report.json", *CHECKS)
    report = json.loads((root / "report.json").read_text())
    return sorted({finding["code"] for finding in report["findings"] if finding["severity"] != "note"})


def _run(command: str, root: Path, url: str, allowed: Sequence[int], *options: str) -> None:
    words = [sys.executable, "-m", "alembic_proof", command, "--on", url, *options]
    done = subprocess.run(words, cwd=root, capture_output=True, text=True, check=False)
    if done.returncode not in allowed:
        sys.exit(f"Cannot measure {root.name}: {done.stderr}")


def main() -> None:
    """Prove the bugs that are asked for, and print the table."""
    parser = argparse.ArgumentParser(description="Plant each bug of the comparison, and see which check tells it.")
    parser.add_argument("words", nargs="*", help="only bugs whose name holds one of these")
    words = parser.parse_args().words
    chosen = [bug for bug in BUGS if not words or any(word in bug.name for word in words)]
    server = open_server("postgresql")
    try:
        with tempfile.TemporaryDirectory(prefix="alembic-proof-bugs-") as folder:
            url = server.create().url.render_as_string(hide_password=False)
            wrong = _measure(chosen, Path(folder), url)
    finally:
        server.close()
    sys.exit(wrong > 0)


def _measure(bugs: Sequence[Bug], folder: Path, url: str) -> int:
    table = Table("the bug", "told by", "on the clean twin")
    wrong = 0
    console = Console(stderr=True)
    for number, bug in enumerate(track(bugs, console=console)):
        bad, good = broken(bug.bad, folder / f"{number}_bad", url), broken(bug.good, folder / f"{number}_good", url)
        is_told = set(bug.checks) <= set(bad)
        wrong += not is_told or bool(good)
        missed = "" if is_told else f"MISSED {', '.join(bug.checks)} "
        if not console.is_terminal:  # nobody sees the bar: a log shows that it goes on
            print(f"{number + 1} of {len(bugs)}: {bug.name}", file=sys.stderr, flush=True)
        table.add_row(bug.name, f"{missed}{', '.join(bad)}", f"FALSE {', '.join(good)}" if good else "silent")
    Console().print(table)
    print(f"{len(bugs) - wrong} of {len(bugs)} bugs told, with silence on their twins.")
    return wrong


if __name__ == "__main__":
    main()
