"""The options that several commands take: each is told here, and nowhere again."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from collections.abc import Sequence

    from alembic_proof.again import Again
    from alembic_proof.reports.formats import Output

Config = Annotated[
    Path | None, typer.Option("-c", "--config", metavar="FILE", help="alembic.ini or pyproject.toml. Default: the one here.")
]
On = Annotated[list[str] | None, typer.Option("--on", metavar="NAME_OR_URL", help="Where to prove, as for `verify`. Repeatable.")]
OnOne = Annotated[
    str | None,
    typer.Option(
        "--on",
        metavar="NAME_OR_URL",
        help="Where: sqlite, postgresql (18, from the extra), postgresql:16, mariadb, or the URL of a server, on which a scratch "
        "database is made and dropped. Default: the first of the setting `databases`, else the kind that the project's own URL "
        "names.",
    ),
]
Formats = Annotated[list[str] | None, typer.Option("--format", metavar="NAME[=FILE]", help="As for `verify`. Repeatable.")]
Checks = Annotated[str | None, typer.Option("--checks", metavar="NAMES", help="Only these checks, by code or name, with commas.")]
Strict = Annotated[bool, typer.Option("--strict", help="Exit with 1 when anything is not proved, or accepted and not found.")]
NoAccept = Annotated[bool, typer.Option("--no-accept", help="Show everything: what is accepted counts as broken.")]
Faithful = Annotated[
    bool, typer.Option("--faithful", help="Commit every step, on a copy of the database: slower, and no other verdict.")
]
Examples = Annotated[
    int | None, typer.Option("--examples", metavar="N", min=0, help="How many drawn rows each table gets. Default: 25.")
]
Rows = Annotated[bool, typer.Option("--rows/--no-rows", help="Whether migrations are tried on rows: AP501 to AP504.")]

Cache = Annotated[
    Path | None,
    typer.Option(
        "--cache",
        metavar="DIR",
        envvar="ALEMBIC_PROOF_CACHE",
        help="Where evidence is kept, so that what did not change is not run again. Default: .alembic_proof here.",
    ),
]
NoCache = Annotated[bool, typer.Option("--no-cache", help="Run everything, and keep nothing.")]


def names(checks: str | None) -> tuple[str, ...]:
    """Part the names that --checks was given."""
    return tuple(name.strip() for name in checks.split(",")) if checks else ()


def store(cache: Path | None, *, no_cache: bool) -> Path | None:
    """Name the folder in which evidence is kept, if it is: as those name it who open files in it."""
    return None if no_cache else (cache or Path(".alembic_proof")).resolve()


def again(kept: Path | None, config: Path | None, outputs: "Sequence[Output]", words: "Sequence[object]") -> "Again | None":
    """Describe this run, to find the report of an equal one; `words` are what it was asked, but for where formats go."""
    from alembic_proof.again import Again
    from alembic_proof.reports.formats import wants_details

    if kept is None:
        return None
    written = frozenset(output.file.absolute() for output in outputs if output.file is not None)
    return Again(kept, Path.cwd().resolve(), config, (*words, wants_details(outputs)), written)
