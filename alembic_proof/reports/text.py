"""The report for a person at a terminal: the findings, what was not proved, the table, the verdict."""

from collections.abc import Iterator, Mapping, Sequence
from io import StringIO

from rich.console import Console
from rich.table import Table
from rich.text import Text

from alembic_proof.findings import Acceptance, Accepted, Finding, Outcome, Severity, Verdict
from alembic_proof.reports.report import DatabaseSummary, Report, counts_by_check, deploy_orders

_LABEL_WIDTH = 8
_STYLES = {Severity.ERROR: "bold red", Severity.WARNING: "yellow", Severity.NOTE: "cyan"}

_DEPLOY_STYLES = {"needs two releases": "red", "code first": "yellow", "schema first": "", "either": "dim"}


def render(report: Report, *, color: bool = False, width: int = 130) -> str:
    """Lay the report out. Lines of the database and of fixes are never wrapped: they are to be read and pasted."""
    console = Console(file=StringIO(), width=width, force_terminal=color, no_color=not color, highlight=False, soft_wrap=True)
    for finding in report.findings:
        console.print(Text("\n").join(_finding_lines(finding)))
        console.print()
    _print_not_proved(console, report)
    _print_accepted(console, report)
    if report.outcomes:
        console.print(_table(report))
    _print_deploy_order(console, report)
    for database, kinds in _not_compared(report).items():
        console.print(Text(f"Not compared on {database}: {', '.join(kinds)}.", style="dim"))
    if report.rows is not None and report.rows.examples:
        rows = report.rows
        told = f"{rows.examples} rows of each table were drawn from seed {rows.seed} by Hypothesis {rows.hypothesis}"
        console.print(Text(f"{told}: another run draws the same.", style="dim"))
    for words in report.words:
        console.print(Text(words, style="dim"))
    console.print(_verdict(report))
    output = console.file
    assert isinstance(output, StringIO), "made above"
    return "".join(f"{line.rstrip()}\n" for line in output.getvalue().splitlines())


def verdict_of(report: Report) -> str:
    """The last line alone, without colour."""
    return _verdict(report).plain


def render_findings(findings: Sequence[Finding]) -> str:
    """Lay out some findings alone, without colour."""
    return "\n\n".join("\n".join(line.plain for line in _finding_lines(finding)) for finding in findings)


def _finding_lines(finding: Finding) -> Iterator[Text]:
    place = ":".join(str(part) for part in (finding.file, finding.line) if part is not None)
    about = ", ".join(part for part in (finding.revision, finding.direction, finding.database) if part)
    head = Text(" ".join(part for part in (place, f"({about})" if about else "") if part))
    head.append(": " if head.plain else "")
    head.append(f"{finding.code} {finding.check}", style=_STYLES[finding.severity])
    if finding.severity is not Severity.ERROR:
        head.append(f" [{finding.severity}]")
    yield head
    yield from _part("what", finding.what, "bold")
    yield from _part("effect", finding.effect)
    yield from _part("seen", "\n".join(finding.seen))
    yield from _part("fix", finding.fix, "green")


def _part(label: str, content: str, style: str = "") -> Iterator[Text]:
    for number, line in enumerate(content.splitlines()):
        yield Text(f"  {label if number == 0 else '':<{_LABEL_WIDTH}}").append(line, style=style)


def _print_not_proved(console: Console, report: Report) -> None:
    """Tell each reason once, with all checks and all revisions that it concerns."""
    reasons: dict[tuple[str, str], list[Verdict]] = {}
    for verdict in report.outcomes:
        if verdict.outcome is Outcome.NOT_PROVED:
            reasons.setdefault((verdict.check, verdict.reason or ""), []).append(verdict)
    if not reasons:
        return
    checks: dict[tuple[str, str], list[str]] = {}
    for (check, reason), verdicts in reasons.items():
        checks.setdefault((reason, _subjects(verdicts)), []).append(check)
    console.print(Text("Not proved", style="bold yellow"))
    for (reason, subjects), alike in checks.items():
        console.print(Text(f"  {', '.join(alike)}: ", style="yellow").append(reason))
        if subjects:
            console.print(Text(f"    {subjects}", style="dim"))
    console.print()


def _print_accepted(console: Console, report: Report) -> None:
    """Tell what is accepted, each reason once, and which acceptances have nothing to accept."""
    reasons: dict[tuple[str, str], list[Accepted]] = {}
    for one in report.accepted:
        reasons.setdefault((one.finding.check, one.acceptance.reason), []).append(one)
    if reasons:
        console.print(Text("Accepted", style="bold cyan"))
    for (check, reason), accepted in reasons.items():
        console.print(Text(f"  {check}: ", style="cyan").append(reason))
        named = dict.fromkeys(" ".join(part for part in (one.finding.revision, one.finding.object) if part) for one in accepted)
        console.print(Text(f"    {few(list(named))}", style="dim"))
    if reasons:
        console.print()
    if report.unused_acceptances:
        console.print(Text("Accepted, and not found: remove it, or mend what it names", style="bold yellow"))
        for acceptance in report.unused_acceptances:
            console.print(Text(f"  {written(acceptance)}"))
        console.print()


def written(acceptance: Acceptance) -> str:
    """Write where an acceptance stands and what it is about."""
    place = acceptance.file if acceptance.line is None else f"{acceptance.file}:{acceptance.line}"
    named = (acceptance.check, acceptance.revision, acceptance.object)
    return f"{place}: {' '.join(part for part in named if part)} -- {acceptance.reason}"


def _subjects(verdicts: list[Verdict]) -> str:
    by_database: dict[str | None, list[str]] = {}
    for verdict in verdicts:
        by_database.setdefault(verdict.database, []).extend([verdict.revision] if verdict.revision else [])
    parts = (" ".join(part for part in (database, few(revisions)) if part) for database, revisions in by_database.items())
    return "; ".join(part for part in parts if part)


def _print_deploy_order(console: Console, report: Report) -> None:
    """Tell for each revision which of schema and code goes first: those together that have one order, the rare orders in full."""
    orders = deploy_orders(report)
    if not orders:
        return
    table = Table(box=None, pad_edge=False, padding=(0, 3, 0, 0), header_style="bold")
    table.add_column("deploy", no_wrap=True)
    table.add_column("revisions", overflow="fold")
    for order, revisions in orders.items():
        shown = few(revisions) if order in ("either", "schema first") else ", ".join(revisions)
        table.add_row(Text(order, style=_DEPLOY_STYLES[order]), shown)
    console.print()
    console.print(table)
    console.print()


def few(names: Sequence[str], most: int = 12) -> str:
    """List some names, and how many more there are."""
    shown = ", ".join(names[:most])
    return shown if len(names) <= most else f"{shown} and {len(names) - most} more"


def _not_compared(report: Report) -> dict[str, list[str]]:
    kinds: dict[str, list[str]] = {}
    for told in report.not_compared:
        database, _, kind = told.partition(": ")
        kinds.setdefault(database, []).append(kind)
    return kinds


def _table(report: Report) -> Table:
    databases = [database.name for database in report.databases]
    counts = counts_by_check(report)
    table = Table(box=None, pad_edge=False, padding=(0, 3, 0, 0), header_style="bold")
    table.add_column("check", no_wrap=True)
    has_project = any(database is None for _, database in counts)
    columns: list[str | None] = [*([None] if has_project else []), *databases]
    for column in columns:
        version = next((d.server_version for d in report.databases if d.name == column), "")
        name = "project" if column is None else f"{column} ({version})" if version else column
        table.add_column(name, overflow="fold")  # URLs can be long, and a check's name has to stay whole
    for check in dict.fromkeys(check for check, _ in counts):
        table.add_row(check, *(_cell(counts.get((check, column), {})) for column in columns))
    return table


def _cell(counts: Mapping[Outcome, int]) -> Text:
    cell = Text()
    for outcome, word, style in (
        (Outcome.BROKEN, "broken", "bold red"),
        (Outcome.NOT_PROVED, "not proved", "yellow"),
        (Outcome.ACCEPTED, "accepted", "cyan"),
        (Outcome.PROVED, "proved", "green"),
    ):
        if counts.get(outcome):
            cell.append(", " if cell.plain else "").append(f"{counts[outcome]} {word}", style=style)
    return cell


def _verdict(report: Report) -> Text:
    errors, warnings, notes = (sum(f.severity is severity for f in report.findings) for severity in Severity)
    unproved, proved = report.count(Outcome.NOT_PROVED), report.count(Outcome.PROVED)
    if errors:
        verdict = Text(f"Broken: {errors} {_plural(errors, 'finding')}", style="bold red")
    elif not proved and not report.accepted:
        verdict = Text("Nothing was proved", style="bold yellow")
    else:
        verdict = Text("Nothing broken", style="bold green")
    if warnings and proved:
        verdict.append(f"{' and' if errors else ' but'} {warnings} {_plural(warnings, 'warning')}", style="yellow")
    verdict.append(f"; {proved} proved, {unproved} not proved", style="default")
    if accepted := report.count(Outcome.ACCEPTED):
        verdict.append(f", {accepted} accepted", style="default")
    if notes:
        verdict.append(f", {notes} {_plural(notes, 'note')}", style="default")
    where = ", ".join(f"{d.name} {d.server_version}".strip() + _unchanged(report, d) for d in report.databases)
    revisions = len(report.revisions)
    judged = f"{revisions} {_plural(revisions, 'revision')}"
    if report.project.base:
        judged = f"{judged} new or edited since {report.project.base},"
    verdict.append(f" ({judged}{f' on {where}' if where else ''}).".replace(",)", ")"), style="default")
    return verdict


def _unchanged(report: Report, database: DatabaseSummary) -> str:
    """Say of how many revisions an earlier run's evidence was judged."""
    if not database.unchanged:
        return ""
    return ", unchanged" if database.unchanged == len(report.revisions) else f", {database.unchanged} of them unchanged"


def _plural(number: int, one: str) -> str:
    return one if number == 1 else f"{one}s"
