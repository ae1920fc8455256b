"""Which formats there are, and where each one goes. An unknown name is an error."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from alembic_proof.errors import ProofError
from alembic_proof.reports import text
from alembic_proof.reports.report import Report, to_json

FORMATS: dict[str, Callable[[Report], str]] = {"text": text.render, "json": to_json}


@dataclass(frozen=True, slots=True)
class Output:
    """One format, to a file or (None) to standard output."""

    name: str
    file: Path | None

    def write(self, report: Report) -> None:
        """Write to the file.

        Raises:
            ProofError: it cannot be written.

        """
        assert self.file is not None, "standard output is the command line's"
        try:
            self.file.parent.mkdir(parents=True, exist_ok=True)
            self.file.write_text(FORMATS[self.name](report), encoding="utf-8")
        except OSError as error:
            raise ProofError(f"Cannot write {self.file}: {error.strerror}. Give --format {self.name}= another path.") from error


def parse_outputs(given: Sequence[str]) -> tuple[Output, ...]:
    """Read "json", "json=report.json" and the like; text to standard output when nothing is given for it.

    Raises:
        ProofError: there is no such format, or two formats want standard output.

    """
    outputs = []
    for one in given:
        name, has_file, file = one.partition("=")
        if name not in FORMATS:
            raise ProofError(f'Cannot write format "{name}": there is no such format. Use one of: {", ".join(FORMATS)}.')
        if has_file and not file:
            raise ProofError(f'Cannot write "{one}": the file name is missing. Write --format {name}=FILE.')
        outputs.append(Output(name, Path(file) if has_file else None))
    to_stdout = [output.name for output in outputs if output.file is None]
    if len(to_stdout) > 1:
        raise ProofError(
            f"Cannot print {' and '.join(to_stdout)} together. Give all but one a file: --format {to_stdout[1]}=FILE."
        )
    return tuple(outputs) if to_stdout else (*outputs, Output("text", None))
