"""Whatever a migration can read: when it changes, the report is the one of a run that keeps nothing."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from alembic_proof.testing import ENV_PY
from tests.doors.door import run
from tests.store.proving import Kept, unchanged

READS = ("AP301", "AP302", "AP303")
LEAVES = "op.execute('CREATE TABLE left_over (id INTEGER)')"
"""What a revision does once its input says so: its downgrade does not take it back."""


def planted(project: Kept, word: str, header: str = "") -> None:
    """A revision that reads a word, and leaves something behind when it is "changed"; and one above it."""
    project.revision("a", f"{header}\nword = {word}\nif 'changed' in str(word):\n    {LEAVES}")
    project.revision("b", "op.execute('CREATE TABLE b (id INTEGER)')", "op.drop_table('b')")


@dataclass(frozen=True)
class Input:
    """Files of a project, what its lowest revision reads, and what of it changes: the contents of files, or variables."""

    word: str
    after: dict[str, str | None]
    before: dict[str, str] = field(default_factory=dict)
    header: str = ""
    env_py: str = ENV_PY
    variables: dict[str, str] = field(default_factory=dict)


TEXT = "__import__('pathlib').Path({!r}).read_text()"


def reading(code: str) -> str:
    """An env.py that begins with some code."""
    return ENV_PY.replace("config = context.config", f"config = context.config\n{code}", 1)


ATTRIBUTE = "__import__('alembic').context.config.attributes['word']"

INPUTS = {
    "a file": Input(TEXT.format("seed.sql"), {"seed.sql": "changed"}, {"seed.sql": "old"}),
    "a file that a library opens": Input(
        "list(csv.reader(open('rows.csv')))", {"rows.csv": "changed"}, {"rows.csv": "old"}, header="import csv"
    ),
    "a file in a listed folder": Input(
        "[p.read_text() for p in pathlib.Path('seeds').glob('*.csv')]",
        {"seeds/2.csv": "changed"},
        {"seeds/1.csv": "old"},
        header="import pathlib",
    ),
    "a file in the root, listed": Input(
        "[p.read_text() for p in pathlib.Path().glob('*.csv')]", {"2.csv": "changed"}, {"1.csv": "old"}, header="import pathlib"
    ),
    "a file beside the revisions, listed": Input(
        "[p.name for p in pathlib.Path(__file__).parent.glob('*.sql')]",
        {"migrations/versions/changed.sql": "x"},
        header="import pathlib",
    ),
    "a file that is only asked for": Input(
        "'changed' if pathlib.Path('flag').exists() else ''", {"flag": ""}, header="import pathlib"
    ),
    "a file that is asked for, and gone": Input(
        "'' if os.path.isfile('flag') else 'changed'", {"flag": None}, {"flag": ""}, header="import os"
    ),
    "a file beside the project": Input(TEXT.format("../shared.txt"), {"../shared.txt": "changed"}, {"../shared.txt": "old"}),
    "the project's own table of pyproject.toml": Input(
        "tomllib.load(open('pyproject.toml', 'rb'))",
        {"pyproject.toml": "[tool.app]\nword = 'changed'"},
        {"pyproject.toml": "[tool.app]\nword = 'old'"},
        header="import tomllib",
    ),
    "another ini, read by Alembic": Input(
        "Config('other.ini').get_main_option('word')",
        {"other.ini": "[alembic]\nword = changed"},
        {"other.ini": "[alembic]\nword = old"},
        header="from alembic.config import Config",
    ),
    ".env": Input(
        ATTRIBUTE,
        {".env": "changed"},
        env_py=reading(
            "import pathlib\nenv = pathlib.Path('.env')\nconfig.attributes['word'] = env.read_text() if env.exists() else ''"
        ),
    ),
    "a variable": Input(
        ATTRIBUTE,
        {},
        env_py=reading("import os\nconfig.attributes['word'] = os.environ.get('APP_WORD')"),
        variables={"APP_WORD": "changed"},
    ),
    "a variable of the CI job": Input(
        ATTRIBUTE,
        {},
        env_py=reading("import os\nconfig.attributes['word'] = os.environ.get('GITHUB_REF')"),
        variables={"GITHUB_REF": "changed"},
    ),
    "a variable of the CI job, read by a revision": Input(
        "os.environ.get('GITHUB_REF')", {}, header="import os", variables={"GITHUB_REF": "changed"}
    ),
    "a variable by its beginning": Input(
        "[os.environ.get(f'GITHUB_{name}') for name in ('REF', 'SHA')]",
        {},
        header="import os",
        variables={"GITHUB_SHA": "changed"},
    ),
    "a module of a revision": Input("app.WORD", {"app.py": "WORD = 'changed'"}, {"app.py": "WORD = 'old'"}, header="import app"),
    "a module on a line with others": Input(
        "app.WORD", {"app.py": "WORD = 'changed'"}, {"app.py": "WORD = 'old'"}, header="import json, app"
    ),
    "a class of a module of a module": Input(
        "app.Settings.word",
        {"deep.py": "class Settings:\n    word = 'changed'\n"},
        {"app.py": "from deep import Settings", "deep.py": "class Settings:\n    word = 'old'\n"},
        header="import app",
    ),
    "a module of env.py": Input(
        ATTRIBUTE,
        {"conf.py": "class Settings:\n    word = 'changed'\n"},
        {"conf.py": "class Settings:\n    word = 'old'\n"},
        env_py=reading("from conf import Settings\nconfig.attributes['word'] = Settings.word"),
    ),
    "a class that a module makes something of": Input(
        ATTRIBUTE,
        {"conf.py": "class Settings:\n    word = 'changed'\n\nsettings = Settings()\n"},
        {"conf.py": "class Settings:\n    word = 'old'\n\nsettings = Settings()\n"},
        env_py=reading("import conf\nconfig.attributes['word'] = conf.settings.word"),
    ),
    "a local module that is there at last": Input(
        "app.WORD",
        {"local_settings.py": "WORD = 'changed'"},
        {"app.py": "WORD = 'old'\ntry:\n    from local_settings import *\nexcept ImportError:\n    pass\n"},
        header="import app",
    ),
    "a package that stands before a module": Input(
        "app.WORD", {"app/__init__.py": "WORD = 'changed'"}, {"app.py": "WORD = 'old'"}, header="import app"
    ),
    "a module that is only asked for": Input(
        ATTRIBUTE,
        {"plugin.py": ""},
        env_py=reading(
            "import importlib.util\nconfig.attributes['word'] = 'changed' if importlib.util.find_spec('plugin') else 'old'"
        ),
    ),
    "a module of a package, asked for": Input(
        ATTRIBUTE,
        {"plugins/one.py": "WORD = 'changed'"},
        {"plugins/__init__.py": ""},
        env_py=reading(
            "import importlib.util\nconfig.attributes['word'] = 'changed' if importlib.util.find_spec('plugins.one') else 'old'"
        ),
    ),
    "the modules of a package, listed": Input(
        ATTRIBUTE,
        {"plugins/changed.py": "WORD = 'x'"},
        {"plugins/__init__.py": ""},
        env_py=reading(
            "import pkgutil, plugins\nconfig.attributes['word'] = [one.name for one in pkgutil.iter_modules(plugins.__path__)]"
        ),
    ),
    "a file that is tried for its rights": Input(
        "'changed' if os.access('flag', os.R_OK) else ''", {"flag": ""}, header="import os"
    ),
    "a module that stands before a library's": Input(
        "getattr(tabnanny, 'WORD', 'old')", {"tabnanny.py": "WORD = 'changed'"}, header="import tabnanny"
    ),
}


@pytest.fixture
def write(monkeypatch: pytest.MonkeyPatch) -> Callable[[Kept, Input], None]:
    """Change what counts."""

    def change(project: Kept, one: Input) -> None:
        for path, content in one.after.items():
            if content is None:
                (project.root / path).unlink()
            else:
                project.file(path, content)
        for name, value in one.variables.items():
            monkeypatch.setenv(name, value)

    return change


@pytest.mark.parametrize("name", INPUTS)
def test_a_change_is_seen(
    name: str, tmp_path: Path, write: Callable[[Kept, Input], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The finding of a run that keeps nothing is told, with nothing else new and below a new revision."""
    one = INPUTS[name]
    for variable in one.variables:
        monkeypatch.delenv(variable, raising=False)
    project = Kept(tmp_path, env_py=one.env_py)
    for path, content in one.before.items():
        project.file(path, content)
    planted(project, one.word, one.header)
    assert project.prove(checks=READS).findings == ()
    shutil.copytree(project.store, tmp_path / "as it was")
    write(project, one)

    [finding] = project.prove(checks=READS).findings
    assert (finding.code, finding.revision) == ("AP303", "a")
    if any(path.endswith(".py") for path in one.after) or "listed" in name:  # there the two ways differ
        shutil.rmtree(project.store)
        (tmp_path / "as it was").rename(project.store)
        above = project.revision("c").prove(checks=READS)
        assert [(finding.code, finding.revision) for finding in above.findings] == [("AP303", "a")]
        assert unchanged(above) == 0


def test_what_only_the_lower_revisions_read(tmp_path: Path) -> None:
    """A run that stood on a checkpoint did not read what the revisions below it read: it counts all the same."""
    project = Kept(tmp_path).file("seed.sql", "old")
    planted(project, TEXT.format("seed.sql"))
    project.prove(checks=READS)
    assert unchanged(project.revision("c").prove(checks=READS)) == 2
    assert unchanged(project.prove(checks=READS)) == 3
    project.file("seed.sql", "changed")

    assert [finding.revision for finding in project.prove(checks=READS).findings] == ["a"]


def below_reads(above: str) -> str:
    """A lowest revision that asks the highest one, beside it, for a word."""
    return (
        "import importlib.util, pathlib\n"
        f"file = pathlib.Path(__file__).with_name('{above}_planted.py')\n"
        "spec = importlib.util.spec_from_file_location('above', file)\n"
        "module = importlib.util.module_from_spec(spec)\n"
        "spec.loader.exec_module(module)\n"
        f"if module.WORD == 'changed':\n    {LEAVES}"
    )


def test_a_revision_that_reads_one_above_it(tmp_path: Path) -> None:
    """It is an input like any other file, although it is a revision as well."""
    project = Kept(tmp_path)
    project.revision("a", below_reads("b"))
    project.revision("b", LEAVES, "op.execute('DROP TABLE left_over')", header="WORD = 'old'")
    project.prove(checks=READS, revision_range="b")
    path = project.root / "migrations/versions/b_planted.py"
    path.write_text(path.read_text() + "\n# said")
    assert project.prove(checks=READS, revision_range="b").findings == ()
    path.write_text(path.read_text().replace("'old'", "'changed'"))

    [finding] = project.prove(checks=READS, revision_range="b").findings
    assert (finding.code, finding.revision) == ("AP301", "b")


def test_a_link_that_leads_elsewhere(tmp_path: Path) -> None:
    """A file is known by the name that it was read by, whatever it leads to."""
    project = Kept(tmp_path).file("1.txt", "old").file("2.txt", "changed")
    (project.root / "seed.txt").symlink_to("1.txt")
    planted(project, TEXT.format("seed.txt"))
    project.prove(checks=READS)
    (project.root / "seed.txt").unlink()
    (project.root / "seed.txt").symlink_to("2.txt")

    assert [finding.revision for finding in project.prove(checks=READS).findings] == ["a"]


def test_a_cache_around_the_project(tmp_path: Path) -> None:
    """A folder of evidence that holds the project as well does not hide it."""
    project = Kept(tmp_path).file("seed.sql", "old")
    project.store = project.root
    planted(project, TEXT.format("seed.sql"))
    project.prove(checks=READS)
    assert unchanged(project.prove(checks=READS)) == 2
    project.file("seed.sql", "changed")

    assert [finding.revision for finding in project.prove(checks=READS).findings] == ["a"]


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("pathlib.Path('seed.txt').write_text('1'), pathlib.Path('seed.txt').read_text()", "seed.txt was written during the run"),
        ("subprocess.run(['true'])", "migrations/versions/a_planted.py started a program, and what that read is not known"),
    ],
)
def test_what_cannot_be_known(code: str, words: str, tmp_path: Path) -> None:
    """A file that changed under the run, or a program that read who knows what: nothing is kept, and the report says why."""
    project = Kept(tmp_path).revision("a", f"import pathlib, subprocess\n{code}")

    assert project.prove(checks=READS).words == (f"Nothing is kept of sqlite: {words}.",)
    assert unchanged(project.prove(checks=READS)) == 0


def test_another_place_for_modules(tmp_path: Path) -> None:
    """PYTHONPATH names another folder, in which a module of the same name lies: it is that one that counts."""
    project = Kept(tmp_path).file("../one/word.py", "WORD = 'old'").file("../two/word.py", "WORD = 'changed'")
    planted(project, "word_of.WORD", "import word as word_of")

    def statuses(folder: str) -> int:
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join((str(tmp_path / folder), str(Path.cwd())))}
        return run(project.root, "verify", "--on", "sqlite", "--checks", "AP301,AP303", environment=environment).status

    assert [statuses("one"), statuses("two")] == [0, 1]


def test_what_is_installed(tmp_path: Path) -> None:
    """Another release of an installed library counts, whichever file of it a migration would read."""
    libraries = tmp_path / "site-packages"
    project = Kept(tmp_path)
    project.file("../site-packages/word_of.py", "WORD = 'old'").file("../site-packages/words-1.dist-info/RECORD", "word_of.py,1,")
    planted(project, "word_of.WORD", "import word_of")
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join((str(libraries), str(Path.cwd())))}
    command = ("verify", "--on", "sqlite", "--checks", "AP301,AP303")

    assert run(project.root, *command, environment=environment).status == 0
    project.file("../site-packages/word_of.py", "WORD = 'changed'").file(
        "../site-packages/words-1.dist-info/RECORD", "word_of.py,2,"
    )
    assert run(project.root, *command, environment=environment).status == 1


def test_a_report_in_a_file_of_the_project(tmp_path: Path) -> None:
    """What the shell writes our words to, inside the project, is no input: the second run is told from the first."""
    project = Kept(tmp_path).revision("a", 'op.create_table("t", sa.Column("id", sa.Integer))', 'op.drop_table("t")')
    command = [sys.executable, "-m", "alembic_proof", "verify", "--on", "sqlite", "--checks", "AP201,AP301"]
    for _ in range(2):
        with (project.root / "out.txt").open("w") as out, (project.root / "err.txt").open("w") as err:
            subprocess.run([*command, "--cache", str(project.store)], cwd=project.root, stdout=out, stderr=err, check=True)

    assert "unchanged" in (project.root / "out.txt").read_text(encoding="utf-8")
