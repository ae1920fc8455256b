"""Whether a revision raised an exception by a statement of its own, or something that it called did."""

import ast
from pathlib import Path


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
