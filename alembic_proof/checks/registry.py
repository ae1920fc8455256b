"""All checks, in the order of their codes: a plain tuple, greppable. An unknown name is an error."""

import difflib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from types import ModuleType

from alembic_proof.checks import (
    downgrade_accepts_new_rows,
    downgrade_keeps_rows,
    downgrade_restores_schema,
    downgrade_runs,
    history_is_connected,
    migrations_stand_alone,
    models_are_registered,
    models_match_migrations,
    modules_import_alone,
    new_code_waits,
    new_revisions_only_extend,
    offline_sql_matches,
    old_code_still_runs,
    paths_agree,
    released_revisions_unchanged,
    single_head,
    upgrade_accepts_rows,
    upgrade_keeps_rows,
    upgrade_reaches_head,
    upgrade_repeats,
    upgrade_runs,
)
from alembic_proof.errors import ProofError
from alembic_proof.evidence import Evidence
from alembic_proof.findings import Judgement, Rule

ON_DATABASES = frozenset({"walk", "deploy", "offline", "models", "paths", "rows", "code"})
"""The experiments that run on scratch databases."""


class Scope(StrEnum):
    """What one judgement of a check is about."""

    PROJECT = "project"
    DATABASE = "database"
    REVISION = "revision"


@dataclass(frozen=True, slots=True)
class Check:
    """One check: its rule, the experiments that it needs, its judgement, its documentation page."""

    rule: Rule
    needs: frozenset[str]
    judge: Callable[[Evidence], Iterator[Judgement]]
    page: str

    @property
    def scope(self) -> Scope:
        if "application" in self.needs or not self.needs & ON_DATABASES:
            return Scope.PROJECT
        return Scope.DATABASE if self.needs & {"deploy", "models"} else Scope.REVISION


def _check(module: ModuleType) -> Check:
    return Check(rule=module.RULE, needs=module.NEEDS, judge=module.judge, page=(module.__doc__ or "").strip())


ALL_CHECKS: tuple[Check, ...] = tuple(
    _check(module)
    for module in (
        single_head,
        history_is_connected,
        released_revisions_unchanged,
        new_revisions_only_extend,
        migrations_stand_alone,
        modules_import_alone,
        models_are_registered,
        upgrade_runs,
        downgrade_runs,
        downgrade_restores_schema,
        upgrade_repeats,
        offline_sql_matches,
        paths_agree,
        upgrade_reaches_head,
        models_match_migrations,
        upgrade_accepts_rows,
        upgrade_keeps_rows,
        downgrade_accepts_new_rows,
        downgrade_keeps_rows,
        old_code_still_runs,
        new_code_waits,
    )
)


def slug_of(name: str) -> str:
    """Give the slug of a check that is named by code or by slug.

    Raises:
        ProofError: there is no such check. The message begins with what is wrong, for a caller that knows where it stands.

    """
    for check in ALL_CHECKS:
        if name in (check.rule.code, check.rule.slug):
            return check.rule.slug
    raise ProofError(f'there is no check "{name}". {_hint(name)}')


def _hint(name: str) -> str:
    known = [key for check in ALL_CHECKS for key in (check.rule.code, check.rule.slug)]
    close = difflib.get_close_matches(name, known, n=1)
    return f"Did you mean {close[0]}?" if close else f"Use one of: {', '.join(c.rule.slug for c in ALL_CHECKS)}."


def choose_checks(names: Sequence[str]) -> tuple[Check, ...]:
    """Find checks by code or name; all of them when none is named.

    Raises:
        ProofError: there is no such check.

    """
    known = {key: check for check in ALL_CHECKS for key in (check.rule.code, check.rule.slug)}
    for name in names:
        if name not in known:
            raise ProofError(f'Cannot run check "{name}": there is no such check. {_hint(name)}')
    chosen = {known[name].rule.code for name in names}
    return tuple(check for check in ALL_CHECKS if not names or check.rule.code in chosen)
