"""Whether the service lives, and whether it can serve."""

from http import HTTPStatus
from typing import Literal

from fastapi import APIRouter
from fastapi.responses import JSONResponse
from pydantic import BaseModel

from fooapi.api.dependencies import DatabaseSession, MigrationHistory
from fooapi.api.documented import problems
from fooapi.api.problems import answer, problem_of

router = APIRouter(tags=["health"])


class Alive(BaseModel):
    """The process answers."""

    alive: Literal[True] = True


class Ready(BaseModel):
    """The database has the schema that this code needs, or a newer one."""

    schema_state: Literal["at head", "ahead"]
    database_revisions: list[str]
    code_revisions: list[str]


@router.get("/livez")
def livez() -> Alive:
    """Answer, without a look at anything."""
    return Alive()


@router.get("/readyz", response_model=Ready, responses=problems())
def readyz(session: DatabaseSession, history: MigrationHistory) -> Ready | JSONResponse:
    """Compare the database's revision with the one that this code was written for.

    A database that is behind cannot be served. One that is ahead can: migrations expand first, and contract only when no code
    that needs the old schema runs.
    """
    found = history.state_of(session.connection())
    if found.state != "behind":
        return Ready(schema_state=found.state, database_revisions=list(found.database), code_revisions=list(found.code))
    problem = problem_of(HTTPStatus.SERVICE_UNAVAILABLE, "The database waits for `alembic upgrade head`.")
    problem.schema_state = found.state
    problem.database_revisions, problem.code_revisions = list(found.database), list(found.code)
    return answer(problem, {"Retry-After": "5"})
