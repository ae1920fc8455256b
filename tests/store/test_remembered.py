"""Answers that are remembered: the content decides, and nothing else."""

from pathlib import Path

import pytest

from alembic_proof.stated import Stated, stated_in
from alembic_proof.store.remembered import remembered

WITH_DOWNGRADE = b"def upgrade():\n    pass\n\n\ndef downgrade():\n    raise NotImplementedError\n"


def ask(store: Path | None, *contents: bytes, root: Path = Path("/one"), kind: type = Stated) -> tuple[list[bytes], list[Stated]]:
    """What was really read, and the answers."""
    read: list[bytes] = []

    def look(content: bytes) -> Stated:
        read.append(content)
        return stated_in(content)

    with remembered(store, "revisions", root, kind, look) as answer:
        answers = [answer(content) for content in contents]
    return read, answers


def test_what_was_read_is_not_read_again(tmp_path: Path) -> None:
    """The second run reads the one text that is new, and all answers are as they would be without a memory."""
    first = ask(tmp_path, b"a = 1", WITH_DOWNGRADE)
    second = ask(tmp_path, b"a = 2", WITH_DOWNGRADE)

    assert first[0] == [b"a = 1", WITH_DOWNGRADE]
    assert second == ([b"a = 2"], [stated_in(b"a = 2"), stated_in(WITH_DOWNGRADE)])
    assert (second[1][1].upgrade_line, second[1][1].downgrade_line, second[1][1].upgrade_is_empty) == (1, 5, True)
    assert second[1][1].one_way == "downgrade() begins with: raise NotImplementedError"


def test_a_text_that_is_gone_is_forgotten(tmp_path: Path) -> None:
    """What is kept does not grow with all that a project ever was."""
    ask(tmp_path, b"a = 1", b"a = 2")
    ask(tmp_path, b"a = 2")

    assert ask(tmp_path, b"a = 1", b"a = 2")[0] == [b"a = 1"]


def test_every_project_has_its_own(tmp_path: Path) -> None:
    """Two projects that share a folder do not make each other forget."""
    ask(tmp_path, b"a = 1")
    ask(tmp_path, b"a = 2", root=Path("/other"))

    assert ask(tmp_path, b"a = 1")[0] == []


@pytest.mark.parametrize("store", [None, "store"], ids=["no store", "a damaged one"])
def test_without_a_memory(tmp_path: Path, store: str | None) -> None:
    """Everything is read where nothing is kept, and where what was kept is of another form."""
    folder = None if store is None else tmp_path / store
    if folder is not None:
        with remembered(folder, "revisions", Path("/one"), int, len) as answer:
            answer(b"a = 1")

    assert ask(folder, b"a = 1") == ([b"a = 1"], [stated_in(b"a = 1")])


def test_what_failed_is_not_kept(tmp_path: Path) -> None:
    """An error comes through, each time anew."""
    for _ in range(2):
        with pytest.raises(SyntaxError):
            ask(tmp_path, b"a = 1", b"def")
