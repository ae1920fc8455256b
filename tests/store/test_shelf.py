"""A folder of results: whole ones or none, whoever writes at the same time, and however they end."""

import hashlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from alembic_proof.store.shelf import Shelf

KEYS = tuple(hashlib.blake2b(bytes([number]), digest_size=20).hexdigest() for number in range(4))

WRITER = """
import random, sys
from pathlib import Path
from alembic_proof.store.shelf import Shelf

folder, seed, rounds = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
chance = random.Random(seed)
shelf = Shelf(folder, limit_bytes=400_000)
print("begun", flush=True)
for _ in range(rounds):
    key = chance.choice(sys.argv[4:])
    shelf.put(key, key.encode() + bytes([chance.randrange(256)]) * chance.randrange(100_000))
    found = shelf.get(chance.choice(sys.argv[4:]))
    assert found is None or (found[:40].decode() in sys.argv[4:] and len(set(found[40:])) < 2), found[:60]
assert not shelf.words, shelf.words
"""


def writer(folder: Path, seed: int, rounds: int) -> subprocess.Popen[str]:
    """A process that puts and gets, and holds that each value is whole."""
    return subprocess.Popen(
        [sys.executable, "-c", WRITER, str(folder), str(seed), str(rounds), *KEYS],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def is_whole(key: str, content: bytes | None) -> bool:
    """Whether it is nothing, or all of what some writer put under the key."""
    return content is None or (content[:40] == key.encode() and len(set(content[40:])) < 2)


def test_eight_writers_at_once(tmp_path: Path) -> None:
    """Eight processes put and get the same keys in a folder with too little room: each sees whole values, and no fault."""
    writers = [writer(tmp_path, seed, 150) for seed in range(8)]
    ended = [(one.communicate(timeout=60), one.returncode) for one in writers]

    assert [(errors, status) for (_, errors), status in ended] == [("", 0)] * 8
    shelf = Shelf(tmp_path)
    assert all(is_whole(key, shelf.get(key)) for key in KEYS)
    assert shelf.words == []
    assert not list(tmp_path.glob("*.part"))


def test_killed_in_the_middle_of_writes(tmp_path: Path) -> None:
    """After each of ten kills every value is whole or is not there, and the next one can be put."""
    for seed in range(10):
        with writer(tmp_path, seed, 1_000_000) as process:
            assert process.stdout is not None
            process.stdout.readline()
            time.sleep(0.003 * seed)  # another moment each time: any will do
            process.send_signal(signal.SIGKILL)
        shelf = Shelf(tmp_path, limit_bytes=10_000_000)
        assert all(is_whole(key, shelf.get(key)) for key in KEYS)
        shelf.put(KEYS[0], KEYS[0].encode())
        assert shelf.get(KEYS[0]) == KEYS[0].encode()
        assert shelf.words == []


def test_parts_that_nobody_finished(tmp_path: Path) -> None:
    """What a killed process left is removed after an hour; what somebody may be writing stays."""
    shelf = Shelf(tmp_path)
    for name, age in (("1-00000001.part", 7200), ("2-00000002.part", 60)):
        (tmp_path / name).write_bytes(b"half")
        os.utime(tmp_path / name, (time.time() - age, time.time() - age))
    shelf.put(KEYS[0], b"x")

    assert [part.name for part in tmp_path.glob("*.part")] == ["2-00000002.part"]


def test_the_least_recently_used_goes(tmp_path: Path) -> None:
    """Where there is too little room, what was read or written lately stays."""
    shelf = Shelf(tmp_path, limit_bytes=3500)
    for age, key in enumerate(KEYS[:3]):
        shelf.put(key, b"x" * 1000)
        os.utime(tmp_path / key[:2] / key, (1_000_000 + age, 1_000_000 + age))
    assert shelf.get(KEYS[0]) is not None
    shelf.put(KEYS[3], b"x" * 1000)

    assert [shelf.has(key) for key in KEYS] == [True, False, True, True]
    assert [shelf.get(key) for key in KEYS] == [b"x" * 1000, None, b"x" * 1000, b"x" * 1000]
    shelf.put(KEYS[1], b"x" * 5000)
    assert shelf.get(KEYS[1]) is None, "more than all the room there is"
    assert shelf.words == []


def damaged(kind: str, entry: Path) -> None:
    """Harm an entry."""
    content = entry.read_bytes()
    match kind:
        case "cut":
            entry.write_bytes(content[:-1])
        case "flipped":
            entry.write_bytes(content[:-2] + bytes([content[-2] ^ 1]) + content[-1:])
        case "digest flipped":
            entry.write_bytes(content[:30] + bytes([content[30] ^ 1]) + content[31:])
        case "empty":
            entry.write_bytes(b"")
        case "foreign":
            entry.write_bytes(b"SQLite format 3\0" + bytes(100))


@pytest.mark.parametrize("kind", ["cut", "flipped", "digest flipped", "empty", "foreign"])
def test_a_damaged_entry(kind: str, tmp_path: Path) -> None:
    """It is thrown away with a word, once, and may be put again."""
    shelf = Shelf(tmp_path)
    shelf.put(KEYS[0], b"content")
    damaged(kind, tmp_path / KEYS[0][:2] / KEYS[0])

    assert [shelf.get(KEYS[0]), shelf.get(KEYS[0])] == [None, None]
    assert shelf.words == [f"Discarded {KEYS[0]} in {tmp_path}: it is damaged. It is produced again."]
    shelf.put(KEYS[0], b"content")
    assert shelf.get(KEYS[0]) == b"content"


def test_a_folder_in_the_place_of_an_entry(tmp_path: Path) -> None:
    """What cannot be read nor replaced is told, and is no error."""
    (tmp_path / KEYS[0][:2] / KEYS[0] / "more").mkdir(parents=True)
    shelf = Shelf(tmp_path)
    assert shelf.get(KEYS[0]) is None
    shelf.put(KEYS[0], b"content")

    assert [word.partition(":")[0].split()[:2] for word in shelf.words] == [["Cannot", "read"], ["Cannot", "keep"]]
    assert not list(tmp_path.glob("*.part"))


def test_where_nothing_can_be_written(tmp_path: Path) -> None:
    """A folder below a file is a word, not an error."""
    (tmp_path / "file").write_bytes(b"")
    shelf = Shelf(tmp_path / "file/cache")
    shelf.put(KEYS[0], b"content")
    assert shelf.get(KEYS[0]) is None

    assert shelf.words[0] == (
        f"Cannot keep evidence in {tmp_path}/file/cache: Not a directory. Name another folder with --cache."
    )


def test_git_ignores_it(tmp_path: Path) -> None:
    """The folder lies in a project and is none of its files."""
    Shelf(tmp_path / "kept").put(KEYS[0], b"content")

    assert (tmp_path / "kept/.gitignore").read_text(encoding="utf-8") == "*\n"


def test_what_is_not_ours_stays(tmp_path: Path) -> None:
    """A shelf in a folder that holds other things removes none of them to make room, and hides none from git."""
    others = [tmp_path / "db" / "models.py", tmp_path / "ab" / "data", tmp_path / "film.part"]
    for path in others:
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(b"x" * 1000)
        os.utime(path, (0, 0))
    shelf = Shelf(tmp_path, limit_bytes=500)
    for key in KEYS:
        shelf.put(key, b"y" * 100)

    assert all(path.exists() for path in others)
    assert not (tmp_path / ".gitignore").exists()
    assert shelf.get(KEYS[-1]) is not None
