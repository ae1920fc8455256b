"""What a revision raised, as data: the driver's own words, the line, and whether a statement of its own raised it."""

import ast
from pathlib import Path

from sqlalchemy.exc import DBAPIError

from alembic_proof.failure import Failure


def failure_of(error: BaseException, revision_file: Path) -> Failure:
    """Tell an exception as data: the driver's own words, the statement, the line of the revision's file."""
    origin = error.orig if isinstance(error, DBAPIError) and error.orig is not None else error
    words = str(origin.args[1]) if _is_numbered(origin) else str(origin)
    return Failure(
        error=type(origin).__name__,
        message=words.strip(),
        statement=error.statement.strip() if isinstance(error, DBAPIError) and error.statement else None,
        line=line_in(error, revision_file),
        is_declared=is_declared(error, revision_file),
    )


def _is_numbered(origin: BaseException) -> bool:
    """Say whether the driver gives (number, words), as PyMySQL does."""
    return len(origin.args) == 2 and isinstance(origin.args[0], int) and isinstance(origin.args[1], str)  # noqa: PLR2004


def line_in(error: BaseException, file: Path) -> int | None:
    """The innermost line of a file that an exception passed through."""
    line = None
    trace = error.__traceback__
    while trace is not None:
        if Path(trace.tb_frame.f_code.co_filename) == file:
            line = trace.tb_lineno
        trace = trace.tb_next
    return line


def is_declared(error: BaseException, file: Path) -> bool:
    """Say whether the innermost frame of an exception stands at a raise statement of a file."""
    trace = error.__traceback__
    if trace is None:
        return False
    while trace.tb_next is not None:
        trace = trace.tb_next
    if Path(trace.tb_frame.f_code.co_filename) != file:
        return False
    try:
        tree = ast.parse(file.read_bytes())
    except (OSError, SyntaxError, ValueError):  # a file that changed or went away since it was loaded
        return False
    raises = (node for node in ast.walk(tree) if isinstance(node, ast.Raise))
    return any(node.lineno <= trace.tb_lineno <= (node.end_lineno or node.lineno) for node in raises)
