"""The GitHub workflow of a project that has none for its migrations yet."""

from alembic_proof.adoption.edits import Edit
from alembic_proof.adoption.place import Place

_OTHER_SYSTEMS = (
    ".gitlab-ci.yml",
    ".circleci",
    "azure-pipelines.yml",
    "Jenkinsfile",
    "bitbucket-pipelines.yml",
    ".woodpecker.yml",
)

_WORKFLOW = """\
name: {name}
on:
  pull_request:
{paths}  push:
    branches: [main]

permissions:
  contents: read

jobs:
  proof:
    runs-on: ubuntu-latest
    timeout-minutes: 20
{defaults}    steps:
      - uses: actions/checkout@v4
        with:
          fetch-depth: 0
          persist-credentials: false
      - uses: actions/setup-python@v5
        with:
          python-version: "3.13"
{steps}      - uses: actions/cache@v4
        with:
          path: {folder}.alembic_proof
          key: alembic-proof-${{{{ github.sha }}}}
          restore-keys: alembic-proof-
      # A pull request is judged by what it adds, on the history that the merge makes.
      - if: github.event_name == 'pull_request'
        run: alembic-proof gate --format github --format html=proof.html
      - if: github.event_name != 'pull_request'
        run: alembic-proof verify --format github --format html=proof.html
      - uses: actions/upload-artifact@v4
        if: always()
        with:
          name: {name}
          path: {folder}proof.html
          if-no-files-found: ignore
"""


def workflow(place: Place) -> Edit | None:
    """A workflow of its own; none where one runs alembic-proof, or where another system than GitHub's is in use."""
    folder = place.repository / ".github/workflows"
    name = f"migrations-{place.root.name}" if place.folder else "migrations"
    path = folder / f"{name}.yml"
    written = [file.read_text(encoding="utf-8", errors="replace") for file in sorted(folder.glob("*.y*ml"))]
    marker = f"working-directory: {place.folder}\n" if place.folder else ""
    if path.exists() or any("alembic-proof" in text and marker in text for text in written):
        return None
    if not written and any((place.repository / other).exists() for other in _OTHER_SYSTEMS):
        return None
    installs = [line for line in (place.install, f'python -m pip install "alembic-proof{place.extras}"') if line]
    if any(database.startswith("mariadb") for database in place.databases):
        installs.append("sudo apt-get update -qq && sudo apt-get install -y -qq mariadb-server-core mariadb-client-core")
    after = _WORKFLOW.format(
        name=name,
        paths=f'    paths: ["{place.folder}/**"]\n' if place.folder else "",
        defaults=f"    defaults:\n      run:\n        working-directory: {place.folder}\n" if place.folder else "",
        steps="".join(f"      - run: {line}\n" for line in installs),
        folder=f"{place.folder}/" if place.folder else "",
    )
    return Edit(path, None, after, "the proof of every pull request")
