"""Which branch a pull request goes to, and the commit where it left that branch."""

import re
from collections.abc import Iterator, Mapping

import msgspec

from alembic_proof.errors import ProofError
from alembic_proof.releases.git import Repository

_VARIABLES = (
    "GITHUB_BASE_REF",
    "CI_MERGE_REQUEST_TARGET_BRANCH_NAME",
    "BITBUCKET_PR_DESTINATION_BRANCH",
    "CHANGE_TARGET",
    "SYSTEM_PULLREQUEST_TARGETBRANCH",
    "BUILDKITE_PULL_REQUEST_BASE_BRANCH",
)
"""What CI systems call the branch that a pull request goes to: GitHub, GitLab, Bitbucket, Jenkins, Azure, Buildkite."""

_QUEUE = re.compile(r"refs/heads/gh-readonly-queue/(.+)/pr-\d+-")
"""The branches on which GitHub's merge queue runs, each named after its base: no variable names that there."""


class Base(msgspec.Struct, frozen=True):
    """The base branch: its name, its last commit, and the commit where HEAD left it."""

    name: str
    tip: str
    parting: str


def find_base(repository: Repository, asked: str | None, environment: Mapping[str, str]) -> Base:
    """Find the branch that is asked for, that a CI system names, or that the remote calls its own.

    Raises:
        ProofError: it is not here, or where this branch left it is not.

    """
    head = repository.commit("HEAD")
    if head is None:
        raise ProofError(f"Cannot tell which revisions are new: {repository.top} has no commit yet. Judge all: --all.")
    candidates = [asked] if asked else list(dict.fromkeys(_candidates(repository, environment)))
    for name in candidates:
        tip = repository.commit(name)
        if tip is not None:
            parting = repository.merge_base(tip, head)
            if parting is None:
                raise _no_parting(repository, name)
            return Base(name, tip, parting)
    raise _no_base(repository, candidates)


def _candidates(repository: Repository, environment: Mapping[str, str]) -> Iterator[str]:
    queue = _QUEUE.match(environment.get("GITHUB_REF", ""))
    named = next((environment[variable] for variable in _VARIABLES if environment.get(variable)), queue and queue[1])
    if named:
        named = named.removeprefix("refs/heads/")
        yield from (f"origin/{named}", named)
        return
    default = repository.default_branch()
    if default is not None:
        yield default
    yield from ("origin/main", "origin/master", "main", "master")


def _no_base(repository: Repository, candidates: list[str]) -> ProofError:
    branch = candidates[0].removeprefix("origin/")
    fetch = f"git fetch origin {branch}:refs/remotes/origin/{branch}"
    if repository.is_shallow:
        return ProofError(f"Cannot find {candidates[0]}: the clone is shallow and has one branch. Fetch it: {_deeper(fetch)}")
    named = (
        f"{candidates[0]}: no such branch is here"
        if len(candidates) <= len(("origin/branch", "branch"))
        else f"a base branch: none of {', '.join(candidates)} is here"
    )
    return ProofError(f"Cannot find {named}. Fetch it ({fetch}), name another with --base, or judge all: --all.")


def _no_parting(repository: Repository, name: str) -> ProofError:
    if repository.is_shallow:
        branch = name.removeprefix("origin/")
        fetch = f"git fetch origin {branch}:refs/remotes/origin/{branch}"
        return ProofError(f"Cannot tell where this branch left {name}: the clone is shallow. Fetch more: {_deeper(fetch)}")
    return ProofError(f"Cannot tell where this branch left {name}: they have no commit in common. Name another with --base.")


def _deeper(fetch: str) -> str:
    return f"{fetch.replace('fetch ', 'fetch --deepen=1000 ', 1)} (in GitHub Actions: fetch-depth: 0; in GitLab: GIT_DEPTH: 0)."
