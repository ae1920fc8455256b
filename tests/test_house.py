"""The house's own rules, held."""

import ast
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest
from hatchling.builders.wheel import WheelBuilder
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

import alembic_proof

ROOT = Path(__file__).resolve().parents[1]
TREES = ("alembic", "alembic_proof", "benchmarks", "docs", "fooapi", "tests")
LONGEST_FILE = 400
FEWEST_FILES = 3
VAGUE_NAMES = {"utils", "helpers", "common", "manager", "misc"}

# A letter in brackets keeps a pattern from finding itself here.
ELSEWHERE = re.compile(
    r"pypi\.or[g]|pythonhoste[d]|index-ur[l]|/hom[e]/\w|/roo[t]/\w|/User[s]/\w|/wor[k]/\w|/tm[p]/\w|/op[t]/\w|[A-Z]:\\\\User[s]"
)


def tracked_files() -> list[Path]:
    """Every file that belongs to the repository; without git, every file of its trees."""
    if shutil.which("git") and (ROOT / ".git").exists():
        listed = subprocess.run(
            ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=True,
        )
        found = [ROOT / name for name in listed.stdout.splitlines()]
        return [path for path in found if path.is_file()]
    tops = [path for path in ROOT.iterdir() if path.is_file()]
    return [
        *tops,
        *(path for tree in TREES for path in (ROOT / tree).rglob("*") if path.is_file() and "__pycache__" not in path.parts),
    ]


def python_files(tree: str = "") -> Iterator[tuple[str, ast.Module]]:
    """The Python files of one tree, by their path relative to the root, with their syntax trees."""
    for path in tracked_files():
        name = path.relative_to(ROOT).as_posix()
        if path.suffix == ".py" and name.startswith(tree):
            yield name, ast.parse(path.read_bytes())


def imported_modules(module: ast.Module) -> set[str]:
    """The top-level packages that a file imports, inside functions too."""
    imports = [node for node in ast.walk(module) if isinstance(node, ast.Import)]
    froms = [node.module for node in ast.walk(module) if isinstance(node, ast.ImportFrom) and node.module]
    return {name.partition(".")[0] for name in (*froms, *(alias.name for node in imports for alias in node.names))}


def test_imports_go_one_way() -> None:
    """The layers and contracts of pyproject.toml hold."""
    command = "from importlinter.cli import lint_imports_command; lint_imports_command()"
    linted = subprocess.run(
        [sys.executable, "-c", command, "--no-cache", "--no-logo"], cwd=ROOT, capture_output=True, text=True, check=False
    )

    assert linted.returncode == 0, linted.stdout + linted.stderr
    assert "0 broken" in linted.stdout


def test_only_the_plugin_imports_pytest() -> None:
    """The harness works where no pytest is installed."""
    importers = {name for name, module in python_files("alembic_proof/") if imported_modules(module) & {"pytest", "_pytest"}}

    assert importers == {"alembic_proof/pytest_plugin.py"}


def test_plain_data_is_no_dataclass() -> None:
    """Each dataclass is compiled anew at every start; docs/decisions/plain_data_is_structs.md says what stands in its place."""
    assert {name for name, module in python_files("alembic_proof/") if "dataclasses" in imported_modules(module)} == set()


def test_only_the_command_line_prints() -> None:
    """No module but cli/screen.py writes to our standard output; what runs in an interpreter of its own answers on a pipe."""

    def prints(module: ast.Module) -> bool:
        calls = [ast.unparse(node.func) for node in ast.walk(module) if isinstance(node, ast.Call)]
        return any(call in {"print", "typer.echo", "sys.stdout.write"} for call in calls)

    printing = {name for name, module in python_files("alembic_proof/") if prints(module) and "/children/" not in name}
    assert printing == {"alembic_proof/cli/screen.py", "alembic_proof/__main__.py"}  # the second tells of an interruption


def test_private_names_stay_in_their_room() -> None:
    """Only migrate/ touches private names of Alembic and SQLAlchemy."""
    touched = {name for name, module in python_files("alembic_proof/") if list(_foreign_private_names(module))}

    assert {name for name in touched if not name.startswith("alembic_proof/migrate/")} == set()
    assert "alembic_proof/migrate/host.py" in touched, "the room that is allowed to has stopped: give the rule up"


def _foreign_private_names(module: ast.Module) -> Iterator[str]:
    nodes = list(ast.walk(module))
    private = [node for node in nodes if isinstance(node, ast.Attribute) and re.match("_[^_]", node.attr)]
    own = {node.attr for node in private if isinstance(node.value, ast.Name) and node.value.id in {"self", "cls"}}
    own |= {node.name for node in nodes if isinstance(node, ast.FunctionDef)}
    for node in private:
        owner = ast.unparse(node.value)
        if node.attr not in own and owner not in {"self", "cls", "os", "sys"}:
            yield f"{owner}.{node.attr}"


def test_files_are_small() -> None:
    """No Python file is longer than 400 lines."""
    lengths = {path.name: len(path.read_bytes().splitlines()) for path in tracked_files() if path.suffix == ".py"}

    assert {name: length for name, length in lengths.items() if length > LONGEST_FILE} == {}


def test_names_say_something() -> None:
    """No module is called utils or the like."""
    assert [path for path in tracked_files() if path.suffix == ".py" and path.stem in VAGUE_NAMES] == []


@pytest.mark.parametrize("tree", ["alembic_proof", "fooapi"])
def test_no_room_is_a_corridor(tree: str) -> None:
    """A package holds at least three files."""
    rooms: dict[Path, int] = {}
    for path in tracked_files():
        if path.suffix == ".py" and path.is_relative_to(ROOT / tree):
            rooms[path.parent] = rooms.get(path.parent, 0) + 1

    assert {room.relative_to(ROOT).as_posix(): count for room, count in rooms.items() if count < FEWEST_FILES} == {}


def test_the_migrations_are_no_package() -> None:
    """With alembic/__init__.py the folder would hide the library: `python -m alembic` would die."""
    assert not (ROOT / "alembic/__init__.py").exists()


def test_nothing_below_tests_hides_the_library() -> None:
    """No folder and no module under tests/ is named alembic."""
    below = [path.relative_to(ROOT / "tests") for path in tracked_files() if path.is_relative_to(ROOT / "tests")]
    hiding = [path for path in below if "alembic" in path.parent.parts or path.name == "alembic.py"]

    assert hiding == []


def test_the_wheel_holds_the_harness_alone(tmp_path: Path) -> None:
    """A wheel built by discovery would put alembic/env.py into Alembic's own package."""
    [wheel] = WheelBuilder(str(ROOT)).build(directory=str(tmp_path), versions=["standard"])
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
    in_metadata = [name for name in names if name.startswith(f"alembic_proof-{alembic_proof.__version__}.dist-info/")]

    assert {name.partition("/")[0] for name in names if name not in in_metadata} == {"alembic_proof"}
    assert "alembic_proof/py.typed" in names
    assert {f"alembic_proof/reports/page/page.{ending}" for ending in ("html", "css", "js")} <= set(names)
    assert {name for name in names if name.endswith(".py")} == {
        path.relative_to(ROOT).as_posix()
        for path in tracked_files()
        if path.suffix == ".py" and path.is_relative_to(ROOT / "alembic_proof")
    }


def test_what_is_public_is_named() -> None:
    """Everything in __all__ exists, and nothing else is promised."""
    assert alembic_proof.__all__ == ["__version__"]
    assert re.fullmatch(r"\d+\.\d+\.\d+", alembic_proof.__version__)


def test_no_file_knows_this_machine() -> None:
    """No path of a machine and no host of a package registry stands in the repository."""
    found = {path.name: ELSEWHERE.findall(path.read_bytes().decode("utf-8", errors="replace")) for path in tracked_files()}

    assert {name: places for name, places in found.items() if places} == {}


def test_the_readme_begins_with_two_commands() -> None:
    """The first block of the README is two lines: prove, and test."""
    first = re.search(r"^```\w*\n(.*?)^```", (ROOT / "README.md").read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)

    assert first is not None
    lines = first[1].splitlines()
    assert len(lines) == 2
    assert "alembic-proof verify" in lines[0]
    assert "tox" in lines[1]


def test_the_readme_counts_the_planted_bugs(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its table is that of the script, which anybody can run: as many bugs, and each of their checks."""
    monkeypatch.syspath_prepend(str(ROOT / "benchmarks"))
    bugs = import_module("bug_list").BUGS
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    table = re.search(r"^\| planted bug .*?\n\n", text, flags=re.MULTILINE | re.DOTALL)

    assert table is not None
    assert set(re.findall(r"AP\d{3}", table[0])) == {check for bug in bugs for check in bug.checks}
    assert f"plants these {len(bugs)} bugs" in text


def test_contributing_fits_in_a_hundred_lines() -> None:
    """What a newcomer has to read before the first change fits in a hundred lines."""
    assert len((ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8").splitlines()) <= 100


def test_constraints_are_names_and_versions_alone() -> None:
    """What tox installs is pinned by version, from wherever a machine gets its packages."""
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    pins = [line for line in lines if not line.startswith("#")]

    assert [line for line in pins if not re.fullmatch(r"[A-Za-z0-9._-]+==[A-Za-z0-9.]+", line)] == []


def test_everything_that_is_asked_for_is_pinned() -> None:
    """Each requirement of pyproject.toml has a pin in constraints.txt, and the pin satisfies it."""
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    pins = dict(line.partition("==")[::2] for line in lines if not line.startswith("#"))
    pinned = {canonicalize_name(name): version for name, version in pins.items()}
    document = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    groups = [*document["project"]["optional-dependencies"].values(), *document["dependency-groups"].values()]
    asked = [Requirement(line) for group in [document["project"]["dependencies"], *groups] for line in group]

    assert {one.name for one in asked if canonicalize_name(one.name) not in pinned} == set()
    assert [str(one) for one in asked if not one.specifier.contains(pinned[canonicalize_name(one.name)])] == []
