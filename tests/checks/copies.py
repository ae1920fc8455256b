"""A copy of a planted project: proved, mended as a finding's fix says, proved again."""

import re
import shutil
import subprocess
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path

from alembic_proof.findings import Finding
from alembic_proof.project import find_project
from alembic_proof.reports.report import Report
from alembic_proof.verify import GraphError, Request, verify

PLANTED = Path(__file__).resolve().parents[1] / "planted"


class Copy:
    """A planted project in a folder of its own. `fix` texts are pasted where they say."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def verify(self, *databases: str, checks: tuple[str, ...] = ()) -> Report:
        """Prove it; a history that Alembic cannot load has a report all the same."""
        request = Request(project=find_project(root=self.root), databases=databases or ("sqlite",), checks=checks, forking=True)
        try:
            return verify(request)
        except GraphError as error:
            return error.report

    def paste(self, finding: Finding) -> None:
        """Paste "in downgrade(), last line:  code" into that function of the finding's file, as the fix says."""
        printed = re.search(r"in (\w+)\(\), (first|last) lines?:\s+(.*)", finding.fix, flags=re.DOTALL)
        assert printed is not None, finding.fix
        assert finding.file is not None
        function, where, code = printed.groups()
        path = self.root / finding.file
        head, definition, rest = path.read_text(encoding="utf-8").partition(f"def {function}():\n")
        assert definition, f"{finding.file} has no {function}()"
        own, separator, below = rest.partition("\n\n\n")
        lines = [textwrap.indent(code, "    "), own.rstrip("\n")]
        body = "\n".join(lines if where == "first" else reversed(lines))
        path.write_text(f"{head}{definition}{body}{separator}{below}".rstrip("\n") + "\n", encoding="utf-8")

    def assign(self, file: str, code: str) -> None:
        """Replace the assignments of a revision file by those pasted: "down_revision = '0001'"."""
        path = self.root / file
        text = path.read_text(encoding="utf-8")
        for assignment in code.splitlines():
            name = assignment.partition(" = ")[0]
            text, number = re.subn(rf"^{name} = .*$", assignment, text, flags=re.MULTILINE)
            assert number == 1, f"{file} has no {name}"
        path.write_text(text, encoding="utf-8")

    def replace(self, file: str, before: str, after: str) -> None:
        """Replace a text that stands once in a file."""
        path = self.root / file
        text = path.read_text(encoding="utf-8")
        assert text.count(before) == 1, f"{before} stands {text.count(before)} times in {file}"
        path.write_text(text.replace(before, after), encoding="utf-8")

    def run(self, command: str) -> subprocess.CompletedProcess[str]:
        """Run a printed command, `alembic ...` or `alembic-proof ...`, as a user at the project's root."""
        program, _, arguments = command.partition(" ")
        script = shutil.which(program, path=str(Path(sys.executable).parent))
        assert script is not None, f"{program} is not installed"
        line = f"{script} {arguments}"
        return subprocess.run(["sh", "-c", line], cwd=self.root, capture_output=True, text=True, check=False)

    def file_of(self, revision: str) -> Path:
        """The revision's file."""
        [path] = (self.root / "migrations/versions").glob(f"{revision}_*.py")
        return path


Planted = Callable[[str, str], Copy]
"""The fixture `planted`: takes a check's module name, and "bad" or "good"."""
