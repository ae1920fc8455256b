"""Where private servers live, and as whom."""

import os
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from contextlib import closing
from pathlib import Path

import pytest

from alembic_proof.databases import private
from alembic_proof.databases.postgresql_embedded import PACKAGE, says_ready
from alembic_proof.databases.private import PrivateServer, can_be_read, place, unprivileged_ids
from alembic_proof.errors import ProofError

AS_ROOT = os.geteuid() == 0
NOBODY = (65534, 65534)
PACKAGES = Path(sysconfig.get_path("purelib"))
HERE = Path(__file__).parents[2]

OPEN_ALL = """
import os
from alembic_proof.databases.opening import open_server
for name in ("sqlite", "postgresql", "postgresql:16", "mariadb"):
    try:
        server = open_server(name)
    except Exception as error:
        print(type(error).__name__, error)
        continue
    database = server.create()
    database.run_script(["CREATE TABLE book (id INTEGER)"])
    server.copy(database)
    server.close()
    print(name, os.geteuid())
"""


def test_memory_is_preferred_if_there_is_room(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A folder goes to memory if the machine has that and enough of it is free, else to where temporary files go."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setattr(private, "MEMORY", Path("/tmp"))  # noqa: S108 - stands for memory: any folder has its free space
    assert place(1) == Path("/tmp")  # noqa: S108
    assert place(10**9) == tmp_path
    monkeypatch.setattr(private, "MEMORY", Path("/no/such/folder"))
    assert place(1) == tmp_path


def test_a_socket_has_a_short_path(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Where a temporary folder's path is too long for a socket, another is taken."""
    long = tmp_path / ("x" * 90)
    long.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(long))
    assert place(10**9) == long
    assert place(10**9, socket=".s.PGSQL.5432") == Path("/tmp")  # noqa: S108


def test_another_user_is_not_sent_where_it_may_not_go(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A temporary folder of root's own is no place for a server that runs as somebody else."""
    tmp_path.chmod(0o700)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    assert place(10**9, NOBODY) == Path("/tmp")  # noqa: S108
    assert place(10**9, None) == tmp_path


def test_programs_are_not_put_where_none_may_run(monkeypatch: pytest.MonkeyPatch) -> None:
    """Memory that is mounted noexec, as Docker does, gets no programs."""
    mounts = [line.split()[1] for line in Path("/proc/mounts").read_text().splitlines() if "noexec" in line.split()[3].split(",")]
    folder = next((Path(mount) for mount in mounts if os.access(mount, os.W_OK)), None)
    if folder is None:
        pytest.skip("not proved: no file system is mounted noexec here")
    monkeypatch.setattr(private, "MEMORY", folder)
    assert place(0, runs_programs=False) == folder
    assert place(0, runs_programs=True) != folder


def test_links_are_followed_when_asking_who_may_read(tmp_path: Path) -> None:
    """A program behind a link can be run by others only if both paths are open."""
    tmp_path.chmod(0o755)
    shut = tmp_path / "shut"
    shut.mkdir(mode=0o700)
    program = shut / "program"
    program.touch(mode=0o755)
    (tmp_path / "link").symlink_to(program)
    assert not can_be_read(tmp_path / "link", NOBODY)
    assert not can_be_read(program, NOBODY)
    assert can_be_read(Path("/bin/sh"), NOBODY)
    assert can_be_read(tmp_path / "link", None)


@pytest.mark.parametrize(
    ("lines", "is_ready"), [(None, False), ("12\n", False), ("12\nstarting\n", False), ("12\nready   \n", True)]
)
def test_a_lock_file_is_believed_only_when_it_says_ready(tmp_path: Path, lines: str | None, *, is_ready: bool) -> None:
    """The short servers that initdb runs have lock files too, which vanish at any moment and never say ready."""
    if lines is not None:
        (tmp_path / "postmaster.pid").write_text(lines)
    assert says_ready(tmp_path / "postmaster.pid") == is_ready


def test_a_server_that_does_not_start_says_why(tmp_path: Path) -> None:
    """The error holds the first error of the server's log, and the folder is gone."""
    server = PrivateServer("Example", tmp_path, "SIGTERM", None)
    commands = [["/bin/sh", "-c", "echo fine; echo 'FATAL: no luck.'; echo 'ERROR: aborting'; exit 1"]]
    with pytest.raises(ProofError) as caught:
        server.start(commands, lambda: None, lambda: False)
    assert str(caught.value) == "Cannot start Example: FATAL: no luck. Give --on a server's URL instead."
    assert not server.folder.exists()


def test_a_server_that_is_never_ready_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Waiting has an end, and the last words of the server are shown."""
    monkeypatch.setattr(private, "_SECONDS_TO_START", 0.5)
    server = PrivateServer("Example", tmp_path, "SIGTERM", None)
    with pytest.raises(ProofError) as caught:
        server.start([["/bin/sh", "-c", "echo thinking; sleep 99"]], lambda: None, lambda: False)
    assert str(caught.value) == (
        "Cannot start Example: it was not ready after 0 seconds (thinking). Give --on a server's URL instead."
    )
    assert not server.folder.exists()


def test_a_folder_that_cannot_be_made_is_one_line() -> None:
    """A full or closed file system is a set-up error."""
    server = PrivateServer("Example", Path("/no/such/folder"), "SIGTERM", None)
    with pytest.raises(
        ProofError, match=r"^Cannot start Example: .*No such file or directory.*\. Give --on a server's URL instead\.$"
    ):
        server.start([["/bin/true"]], lambda: None, lambda: True)


@pytest.mark.skipif(not AS_ROOT, reason="not proved: only root has to run its servers as somebody else")
def test_root_runs_servers_as_somebody_else() -> None:
    """As root, a server's folder belongs to an unprivileged user; servers refuse to run as root."""
    ids = unprivileged_ids()
    assert ids is not None
    server = PrivateServer("Example", Path("/tmp"), "SIGTERM", ids)  # noqa: S108
    with closing(server):
        server.start(
            [["/bin/sh", "-c", "id -u > who; id -G >> who; sleep 99"]],
            (server.folder / "brought").touch,
            lambda: (server.folder / "who").exists() and len((server.folder / "who").read_text().split()) == 2,
        )
        assert (server.folder / "who").read_text() == f"{ids[0]}\n{ids[1]}\n"
        assert (server.folder / "brought").stat().st_uid == ids[0]
        assert server.folder.stat().st_mode & 0o777 == 0o700


@pytest.mark.skipif(AS_ROOT, reason="not proved: this is root, who has to")
def test_others_run_servers_as_themselves() -> None:
    """Without root no other user is needed."""
    assert unprivileged_ids() is None


@pytest.mark.skipif(not AS_ROOT, reason="not proved: only root cannot hand its own programs to others")
def test_programs_in_roots_home_are_copied(tmp_path: Path) -> None:
    """A root whose packages lie where nobody else may look, as in root's own home, gets its PostgreSQL all the same."""
    tmp_path.chmod(0o700)
    for name in (PACKAGE, f"{PACKAGE}.libs"):
        (tmp_path / name).symlink_to(PACKAGES / name)
    program = f"""
import sys
sys.path.insert(0, {str(tmp_path)!r})
{OPEN_ALL}
"""
    printed = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True).stdout
    assert printed.splitlines()[:3] == ["sqlite 0", "postgresql 0", "postgresql:16 0"]


@pytest.mark.skipif(not AS_ROOT, reason="not proved: only root can become somebody else")
def test_everything_works_without_root() -> None:
    """A user without any right opens, uses and closes every server."""
    python = shutil.which(f"python3.{sys.version_info.minor}", path="/usr/local/bin:/usr/bin")
    if python is None or not all(can_be_read(path, NOBODY) for path in (Path(python), PACKAGES / PACKAGE / "__init__.py", HERE)):
        pytest.skip("not proved: no Python of this version and no packages that another user may read")
    environment = {"PYTHONPATH": f"{PACKAGES}:{HERE}", "PATH": os.environ["PATH"], "PYTHONDONTWRITEBYTECODE": "1"}
    ran = subprocess.run(
        [python, "-c", OPEN_ALL],
        check=True,
        capture_output=True,
        text=True,
        user=NOBODY[0],
        group=NOBODY[1],
        extra_groups=[],
        env=environment,
        cwd="/",
    )
    lines = ran.stdout.splitlines()
    assert lines[:3] == ["sqlite 65534", "postgresql 65534", "postgresql:16 65534"]
    assert lines[3] == "mariadb 65534" or lines[3].startswith("Unavailable ")
