"""AP105: a revision that imports the application breaks when that code moves on."""

import re

from alembic_proof.findings import Outcome
from tests.checks.copies import Copy, Planted


def paste(copy: Copy, file: str, fix: str) -> None:
    """Do what the fix says: remove the line, write the lightweight tables below the imports, rewrite what stands."""
    removed = re.match(r"remove line (\d+), and write below the imports:\n", fix)
    assert removed is not None, fix
    path = copy.root / file
    lines = path.read_text(encoding="utf-8").splitlines()
    del lines[int(removed[1]) - 1]
    below = max(number for number, line in enumerate(lines) if line.startswith(("import ", "from "))) + 1
    stubs = [line for line in fix.splitlines()[1:] if not line.startswith("write ")]
    body = "\n".join(lines[below:])
    for new, old in re.findall(r"^write (\S+) where (\S+) stands$", fix, flags=re.MULTILINE):
        assert old in body
        body = body.replace(old, new)
    path.write_text("\n".join([*lines[:below], "", *stubs, body, ""]), encoding="utf-8")


def test_the_printed_table_takes_the_place_of_the_model(planted: Planted) -> None:
    """With the lightweight table pasted, the revision stands alone and does on the database what it did before."""
    copy = planted("migrations_stand_alone", "bad")
    [finding] = copy.verify(checks=("migrations-stand-alone",)).findings
    assert finding.file is not None

    paste(copy, finding.file, finding.fix)
    report = copy.verify()

    assert report.findings == ()
    assert {verdict.outcome for verdict in report.outcomes} == {Outcome.PROVED}


def test_the_model_moves_on(planted: Planted) -> None:
    """What the effect says happens: a column more in the model, with a default of Python's, and the old revision fails."""
    copy = planted("migrations_stand_alone", "bad")
    copy.replace(
        "shop/models.py", "class Customer(Base):", "class Customer(Base):\n    score: Mapped[int] = mapped_column(onupdate=1)"
    )
    found = copy.verify(checks=("migrations-stand-alone", "upgrade-runs")).findings

    assert [(finding.code, finding.revision) for finding in found] == [("AP105", "0002"), ("AP301", "0002")]
