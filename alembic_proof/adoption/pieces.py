"""The pieces that a project can lack: settings, pytest, tox, pre-commit, a workflow. Each is a function of the place."""

from collections.abc import Callable

from alembic_proof.adoption.edits import Edit, appended, below
from alembic_proof.adoption.place import Place
from alembic_proof.adoption.workflow import workflow

_INI_PYTEST = (("pytest.ini", "pytest"), (".pytest.ini", "pytest"), ("tox.ini", "pytest"), ("setup.cfg", "tool:pytest"))
"""Where pytest looks, with the section's name; a pytest.ini counts even when it is empty."""

FAST_CHECKS = "AP101,AP102,AP105"
"""What needs no database and is done before a commit is: the graph, and what revisions import."""


def settings(place: Place) -> Edit | None:
    """The table of the settings, with the databases."""
    if place.tool("alembic_proof") is not None:
        return None
    named = ", ".join(f'"{database}"' for database in place.databases)
    return _append(place, "pyproject.toml", f"[tool.alembic_proof]\ndatabases = [{named}]\n", "the settings")


def pytest_lines(place: Place) -> Edit | None:
    """`proof = true` where pytest reads its options, in a project that has tests."""
    why = "pytest proves the migrations, an item for each revision and check"
    for name, section in _INI_PYTEST:
        if section in place.sections(name):
            text = place.text(name)
            return (
                None
                if _says(text, "proof =", "--proof")
                else _edit(place, name, below(text, f"[{section}]", "proof = true"), why)
            )
    table = place.tool("pytest")
    if table is not None:
        options = table.get("ini_options", table)
        if "proof" in options or "--proof" in str(options.get("addopts", "")):
            return None
        header = "[tool.pytest.ini_options]" if "ini_options" in table else "[tool.pytest]"
        text = place.text("pyproject.toml")
        if header in (line.split("#")[0].strip() for line in text.splitlines()):
            return _edit(place, "pyproject.toml", below(text, header, "proof = true"), why)
        return None  # written as dotted keys or inline: not ours to rearrange
    if not (place.has("conftest.py") or (place.root / "tests").is_dir()):
        return None
    return _append(place, "pyproject.toml", "[tool.pytest.ini_options]\nproof = true\n", why)


def tox(place: Place) -> Edit | None:
    """An environment of tox's own, in a project that uses tox."""
    why = "`tox -e migrations`"
    needs = [f"alembic-proof{place.extras}"]
    if place.has("tox.ini"):
        text = place.text("tox.ini")
        if _says(text, "alembic-proof"):
            return None
        deps = "".join(f"\n    {one}" for one in needs)
        block = "[testenv:migrations]\ndescription = prove every migration on scratch databases\n"
        block += f"deps ={_requirements(place)}{deps}\n"
        return _append(place, "tox.ini", f"{block}commands = alembic-proof verify {{posargs}}\n", why)
    if place.tool("tox") is None or "alembic-proof" in place.text("pyproject.toml"):
        return None
    requirements = ['"-r requirements.txt"'] if place.has("requirements.txt") else []
    deps = ", ".join([*requirements, *(f'"{one}"' for one in needs)])
    block = '[tool.tox.env.migrations]\ndescription = "prove every migration on scratch databases"\n'
    commands = 'commands = [["alembic-proof", "verify", { replace = "posargs", extend = true }]]\n'
    return _append(place, "pyproject.toml", f"{block}deps = [{deps}]\n{commands}", why)


def pre_commit(place: Place) -> Edit | None:
    """A local hook, in a repository that uses pre-commit: no database, a second."""
    path = place.repository / ".pre-commit-config.yaml"
    text = path.read_text(encoding="utf-8") if path.is_file() else None
    if text is None or "alembic-proof" in text:
        return None
    run = f"alembic-proof verify --checks {FAST_CHECKS}"
    entry = f"sh -c 'cd {place.folder} && {run}'" if place.folder else run
    where = place.script_location.resolve()
    files = (
        f"\n        files: ^{where.relative_to(place.repository).as_posix()}/" if where.is_relative_to(place.repository) else ""
    )
    hook = (
        "  - repo: local\n    hooks:\n      - id: alembic-proof\n        name: the migrations' graph and imports\n"
        f"        entry: {entry}\n        language: system\n        pass_filenames: false{files}"
    )
    empty = any(line.split("#")[0].strip() == "repos: []" for line in text.splitlines())
    text = text.replace("repos: []", "repos:") if empty else text
    if not any(line.split("#")[0].strip() == "repos:" for line in text.splitlines()):
        return None
    before = path.read_text(encoding="utf-8")
    return Edit(path, before, below(text, "repos:", hook), "a hook that asks no database")


PIECES: dict[str, Callable[[Place], Edit | None]] = {
    "settings": settings,
    "pytest": pytest_lines,
    "tox": tox,
    "pre-commit": pre_commit,
    "workflow": workflow,
}


def _requirements(place: Place) -> str:
    return "\n    -r requirements.txt" if place.has("requirements.txt") else ""


def _says(text: str, *words: str) -> bool:
    return any(word in line.split("#")[0] for line in text.splitlines() for word in words)


def _append(place: Place, name: str, block: str, why: str) -> Edit:
    return _edit(place, name, appended(place.text(name), block), why)


def _edit(place: Place, name: str, after: str, why: str) -> Edit:
    return Edit(place.root / name, place.text(name) if place.has(name) else None, after, why)
