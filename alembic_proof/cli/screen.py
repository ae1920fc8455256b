"""All that is printed, but for the line of an interruption: `__main__` has it."""

import gc
import os
import shutil
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NoReturn

from alembic_proof.errors import ProofError

BROKEN, COULD_NOT_RUN = 1, 2


def echo(text: str) -> None:
    """Print a text as it is."""
    sys.stdout.write(text)
    sys.stdout.flush()


def width() -> int:
    """How wide a page may be: as the terminal, and no wider than one reads well."""
    return min(shutil.get_terminal_size((110, 24)).columns, 110)


def is_terminal() -> bool:
    """Whether somebody reads along."""
    return sys.stdout.isatty()


@contextmanager
def telling_mistakes() -> Iterator[None]:
    """Part a user's mistake (one line) from a bug of ours (a traceback)."""
    gc.set_threshold(20_000, 50, 50)  # a short life full of small objects that stay: collecting them costs a tenth of it
    try:
        yield
    except ProofError as error:
        _fail(f"alembic-proof: {error}")
    except BrokenPipeError:  # whoever reads has read enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(BROKEN)
    except Exception:
        traceback.print_exc()
        _fail("alembic-proof: this is a bug of alembic-proof. Report it with the lines above.")
    finally:
        gc.freeze()  # at its end Python looks for garbage among all that was loaded: a tenth of a second for what goes anyway


def _fail(message: str) -> NoReturn:
    print(message, file=sys.stderr)
    sys.exit(COULD_NOT_RUN)
