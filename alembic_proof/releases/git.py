"""What git knows. Every call of git is here; each only reads."""

import os
import re
import shutil
import subprocess
from collections.abc import Iterable, Mapping, Sequence
from hashlib import sha1
from pathlib import Path

import msgspec

from alembic_proof.errors import ProofError


class Repository(msgspec.Struct, frozen=True):
    """A git repository, by the top folder of its working tree."""

    top: Path
    program: str

    def commit(self, name: str) -> str | None:
        """Give the commit that a name means, None if it means none here."""
        return self._word("rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}")

    def short(self, commit: str) -> str:
        """Write a commit as git shows it to people."""
        return self._word("rev-parse", "--short", commit) or commit[:10]

    def default_branch(self) -> str | None:
        """Name the branch that the remote calls its own, as `git clone` noted it."""
        return self._word("symbolic-ref", "--quiet", "--short", "refs/remotes/origin/HEAD")

    def merge_base(self, one: str, other: str) -> str | None:
        """Give the commit where two branches part, None where none is known."""
        return self._word("merge-base", one, other)

    @property
    def is_shallow(self) -> bool:
        return self._word("rev-parse", "--is-shallow-repository") == "true"

    def files(self, commit: str, folders: Sequence[Path]) -> dict[str, str]:
        """List the files below some folders at a commit: their paths from the top, with their blobs."""
        listed = self._run("ls-tree", "-r", "-z", "--full-tree", commit, "--", *(self.path_of(folder) for folder in folders))
        found = {}
        for entry in listed.stdout.decode(errors="surrogateescape").split("\0"):
            head, _, path = entry.partition("\t")
            if head.split(" ")[1:2] == ["blob"]:
                found[path] = head.split(" ")[2]
        return found

    def contents(self, blobs: Iterable[str]) -> Mapping[str, bytes]:
        """Read blobs, as they were committed."""
        asked = list(dict.fromkeys(blobs))
        if not asked:
            return {}
        output = self._run("cat-file", "--batch", said="\n".join(asked).encode()).stdout
        read: dict[str, bytes] = {}
        begin = 0
        for blob in asked:
            head, begin = output[begin : (end := output.index(b"\n", begin))], end + 1
            size = int(head.rpartition(b" ")[2])
            read[blob], begin = output[begin : begin + size], begin + size + 1
        return read

    @staticmethod
    def blob_of(content: bytes) -> str:
        """Name the blob that a content is, where the repository has SHA-1 names; elsewhere it names none."""
        return sha1(b"blob %d\0" % len(content) + content, usedforsecurity=False).hexdigest()

    def path_of(self, file: Path) -> str:
        """Write a path as git does: from the top, with slashes."""
        return file.resolve().relative_to(self.top).as_posix()

    def _word(self, *arguments: str) -> str | None:
        """The one line that a command answers, None where it has no answer."""
        ended = self._run(*arguments, may_fail=True)
        return ended.stdout.decode(errors="replace").strip().partition("\n")[0] or None if ended.returncode == 0 else None

    def _run(self, *arguments: str, said: bytes = b"", may_fail: bool = False) -> subprocess.CompletedProcess[bytes]:
        ended = _git(self.program, self.top, arguments, said)
        if ended.returncode and not may_fail:
            raise ProofError(f"Cannot read {self.top} with git: {_first_line(ended)}. See that `git {arguments[0]}` works there.")
        return ended


def find_repository(folder: Path) -> Repository:
    """Find the repository that a folder lies in.

    Raises:
        ProofError: there is none, or no git.

    """
    program = shutil.which("git")
    if program is None:
        raise ProofError("Cannot tell which revisions are new: there is no git on PATH. Install it, or judge all: --all.")
    ended = _git(program, folder, ("rev-parse", "--show-toplevel"))
    if ended.returncode or not ended.stdout.strip():
        words = _first_line(ended)
        owned = re.search(r"dubious ownership in repository at '(.+)'", words)  # in a CI system's container, of another user
        way_out = f"If you trust it: git config --global --add safe.directory {owned[1]}" if owned else "Mend that"
        raise ProofError(f"Cannot tell which revisions are new: git says of {folder}: {words}. {way_out}, or judge all: --all.")
    return Repository(Path(ended.stdout.decode(errors="surrogateescape").rstrip("\n")).resolve(), program)


def _git(program: str, folder: Path, arguments: Sequence[str], said: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    environment = {**os.environ, "GIT_OPTIONAL_LOCKS": "0", "LC_ALL": "C"}  # no index is refreshed on the way
    command = [program, "--literal-pathspecs", "-C", str(folder), *arguments]
    return subprocess.run(command, env=environment, input=said, capture_output=True, check=False)  # noqa: S603 - git, read only


def _first_line(ended: subprocess.CompletedProcess[bytes]) -> str:
    words = ended.stderr.decode(errors="replace").strip() or f"exit status {ended.returncode}"
    return words.splitlines()[0].removeprefix("fatal: ").rstrip(".")
