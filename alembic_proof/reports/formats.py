"""Which formats there are, and where each one goes. An unknown name is an error."""

from collections.abc import Callable, Sequence
from importlib import import_module
from pathlib import Path

import msgspec
from msgspec.structs import replace

from alembic_proof.errors import ProofError
from alembic_proof.findings import Finding
from alembic_proof.reports import github, gitlab, junit, markdown, sarif, summary, text
from alembic_proof.reports.report import Report, to_json


def _html(report: Report) -> str:
    """Jinja is loaded when a page is written, not before."""
    page: str = import_module("alembic_proof.reports.html").render(report)
    return page


FORMATS: dict[str, Callable[[Report], str]] = {
    "text": text.render,
    "json": to_json,
    "junit": junit.render,
    "github": github.render,
    "gitlab": gitlab.render,
    "sarif": sarif.render,
    "markdown": markdown.render,
    "html": _html,
}

_DETAILED = frozenset({"html"})
"""The formats that show each revision's source, statements and changes."""

_SEEN_FROM_REPOSITORY = frozenset({"github", "gitlab", "sarif"})
"""The formats whose paths a CI system reads: it knows the repository, not the project's folder in it."""


class Output(msgspec.Struct, frozen=True):
    """One format, to a file or (None) to standard output."""

    name: str
    file: Path | None

    def render(self, report: Report, folder: str = "") -> str:
        """Lay the report out; `folder` is where the project lies in the repository, "" at its top."""
        return FORMATS[self.name](seen_from(report, folder) if self.name in _SEEN_FROM_REPOSITORY else report)

    def write(self, report: Report, folder: str = "") -> None:
        """Write to the file.

        Raises:
            ProofError: it cannot be written.

        """
        assert self.file is not None, "standard output is the command line's"
        content = self.render(report, folder)
        try:
            self.file.parent.mkdir(parents=True, exist_ok=True)
            self.file.write_text(content, encoding="utf-8")
        except OSError as error:
            raise ProofError(f"Cannot write {self.file}: {error.strerror}. Give --format {self.name}= another path.") from error


def parse_outputs(given: Sequence[str]) -> tuple[Output, ...]:
    """Read "json", "json=report.json" and the like; text to standard output when nothing is given for it.

    GitHub's annotations are lines of the log: text stands above them.

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
    to_stdout = [output.name for output in outputs if output.file is None and output.name != "github"]
    annotations = [output for output in outputs if output.file is None and output.name == "github"]
    if len(to_stdout) > 1 or (to_stdout and annotations and to_stdout != ["text"]):
        names = [*to_stdout, *(output.name for output in annotations)]
        raise ProofError(f"Cannot print {' and '.join(names)} together. Give all but one a file: --format {names[1]}=FILE.")
    others = [output for output in outputs if output not in annotations]
    return (*others, *([] if to_stdout else [Output("text", None)]), *annotations[:1])


def wants_details(outputs: Sequence[Output]) -> bool:
    """Say whether a format shows what only a detailed report holds."""
    return any(output.name in _DETAILED for output in outputs)


def folder_in(repository: str | None, root: Path) -> str:
    """Where the project lies in a checkout whose path a CI system gives ("" at its top, or outside of it)."""
    if not repository or not root.is_relative_to(Path(repository).resolve()):
        return ""
    folder = root.relative_to(Path(repository).resolve()).as_posix()
    return "" if folder == "." else folder


def seen_from(report: Report, folder: str) -> Report:
    """Make the report's paths relative to the repository instead of to the folder of the run."""
    if not folder:
        return report
    project = msgspec.structs.replace(report.project, config_file=f"{folder}/{report.project.config_file}")
    accepted = tuple(replace(one, finding=_moved(one.finding, folder)) for one in report.accepted)
    findings = tuple(_moved(finding, folder) for finding in report.findings)
    return msgspec.structs.replace(report, project=project, findings=findings, accepted=accepted)


def _moved(finding: Finding, folder: str) -> Finding:
    outside = finding.file is None or finding.file.startswith("/")
    return finding if outside else replace(finding, file=f"{folder}/{finding.file}")


def append_summary(report: Report, file: Path) -> None:
    """Append the step summary to the file that GitHub names.

    Raises:
        ProofError: it cannot be written.

    """
    try:
        with file.open("a", encoding="utf-8") as opened:
            opened.write(summary.render(report))
    except OSError as error:
        raise ProofError(f"Cannot write {file}: {error.strerror}. Unset GITHUB_STEP_SUMMARY.") from error
