"""`alembic-proof checks` and `alembic-proof explain`."""

from typing import TYPE_CHECKING, Annotated

import typer

from alembic_proof.cli.screen import echo, is_terminal, width
from alembic_proof.cli.terminal import app

if TYPE_CHECKING:
    from rich.console import RenderableType

    from alembic_proof.checks.registry import Check
    from alembic_proof.findings import Rule

_NEEDS = {
    "graph": "the revision files",
    "released": "a base branch or alembic-proof.lock",
    "application": "the application's modules",
    "walk": "a database",
    "deploy": "a database",
    "offline": "a database, env.py's offline mode",
    "models": "a database, target_metadata",
    "paths": "a database",
    "rows": "a database",
    "code": "a database",
    "gaps": "a database",
}
"""What an experiment needs of a project."""


@app.command()
def checks() -> None:
    """List the checks: code, name, what each needs, what one verdict is about, how much a finding weighs.

    A check's name is what is true when all is well. `alembic-proof explain AP303` prints its page.
    """
    from rich.box import SIMPLE_HEAD
    from rich.table import Table

    from alembic_proof.checks.registry import all_checks
    from alembic_proof.drift.run import PAGES

    table = Table(box=SIMPLE_HEAD, pad_edge=False, show_edge=False)
    for name in ("code", "true when all is well", "judged for each", "needs", "weight"):
        table.add_column(name, style="bold" if name == "code" else "", no_wrap=name != "needs")
    for check in all_checks():
        table.add_row(check.rule.code, check.rule.slug, check.scope, needs_of(check), check.rule.severity)
    for rule, _page_of_it in PAGES:
        table.add_row(rule.code, rule.slug, "live database", "`alembic-proof drift URL`", rule.severity)
    echo(_laid_out(table))


def _names_that_begin(incomplete: str) -> list[str]:
    """What a shell completes."""
    from alembic_proof.checks.registry import all_checks
    from alembic_proof.drift.run import PAGES

    rules = [*(check.rule for check in all_checks()), *(rule for rule, _ in PAGES)]
    names = [name for rule in rules for name in (rule.code, rule.slug)]
    return [name for name in names if name.startswith(incomplete)]


@app.command()
def explain(
    check: Annotated[
        str,
        typer.Argument(
            metavar="CHECK", help="A code (AP303) or a name (downgrade-restores-schema).", autocompletion=_names_that_begin
        ),
    ],
) -> None:
    """Print a check's page: when it speaks, what happens in production, how to mend it, how to accept it."""
    from rich.console import Group
    from rich.markdown import Markdown
    from rich.text import Text

    from alembic_proof.checks.registry import is_of_drift

    rule, page, facts, alone = _page(check)
    accept = f"# proof: accept {rule.slug} OBJECT -- REASON"
    if is_of_drift(rule.slug):
        accept = f'[[tool.alembic_proof.accept]] with check = "{rule.slug}", object, reason'
    echo(
        _laid_out(
            Group(
                Text(f"{rule.code} {rule.slug}", style="bold"),
                Text(),
                Markdown(page),
                Text(),
                Markdown(f"**Effect.** {rule.effect}"),
                Text(),
                Markdown(facts),
                Text(),
                Text.assemble("It alone:   ", (alone, "green")),
                Text.assemble("Accept it:  ", (accept, "green")),
            )
        )
    )


def _page(check: str) -> tuple["Rule", str, str, str]:
    """A check's rule, page, facts, and the command that asks it alone."""
    from alembic_proof.checks.registry import choose_checks
    from alembic_proof.drift.run import PAGES

    for rule, page in PAGES:
        if check in {rule.code, rule.slug}:
            return rule, page, "Judged for a live database, or for a dump of its schema.", "alembic-proof drift URL"
    (chosen,) = choose_checks([check])
    rule = chosen.rule
    facts = (
        f"Judged for each {chosen.scope}; needs {needs_of(chosen)}; a finding is "
        f"{'an error' if rule.severity == 'error' else f'a {rule.severity}'} (change it in `[tool.alembic_proof.severity]`)."
    )
    return rule, chosen.page, facts, f"alembic-proof verify --checks {rule.code}"


def needs_of(check: "Check") -> str:
    """Say what a check needs, each thing once."""
    told = dict.fromkeys(_NEEDS[need] for need in sorted(check.needs))
    more = [words for words in told if words != "a database" or not any(other.startswith("a database,") for other in told)]
    return ", ".join(more)


def _laid_out(what: "RenderableType") -> str:
    """Lay out for a terminal, or for a pipe, where nothing is coloured."""
    from io import StringIO

    from rich.console import Console

    output = StringIO()
    console = Console(file=output, width=width(), force_terminal=is_terminal(), no_color=not is_terminal(), highlight=False)
    console.print(what)
    return "".join(f"{line.rstrip()}\n" for line in output.getvalue().splitlines())
