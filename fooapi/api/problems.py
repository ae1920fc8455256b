"""Answers to requests that cannot be served, as problem documents. None of them repeats what the client sent."""

from collections.abc import Mapping
from http import HTTPStatus

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from sqlalchemy.exc import DBAPIError, IntegrityError, InterfaceError, OperationalError, SQLAlchemyError
from starlette.exceptions import HTTPException
from starlette.routing import BaseRoute, Match

from fooapi.api.dependencies import history_of, sessions_of
from fooapi.db.refusals import taken_field
from fooapi.db.schema_state import SchemaState
from fooapi.schemas.problem import InvalidField, Problem

MEDIA_TYPE = "application/problem+json"
NOT_NAMED = "a field that is not known"
# RFC 9110 renamed them; Python's names follow its version.
_NEW_TITLES = {413: "Content Too Large", 422: "Unprocessable Content"}


def install(app: FastAPI) -> None:
    """Answer every failure with a problem document; FastAPI's own 422 quotes the request."""
    app.exception_handler(HTTPException)(refused)
    app.exception_handler(RequestValidationError)(invalid)
    app.exception_handler(DBAPIError)(database_refused)
    app.exception_handler(Exception)(failed)


def answer(problem: Problem, headers: Mapping[str, str] | None = None) -> JSONResponse:
    """Send a problem document."""
    return JSONResponse(problem.model_dump(exclude_none=True), problem.status, headers, MEDIA_TYPE)


def problem_of(status: int, detail: str) -> Problem:
    """Write a problem document without more than its status and one sentence."""
    return Problem(title=title_of(status), status=status, detail=detail)


def title_of(status: int) -> str:
    """Give the name of a status, the same on every Python."""
    return _NEW_TITLES.get(status) or HTTPStatus(status).phrase


async def refused(request: Request, error: HTTPException) -> JSONResponse:
    """Tell what a route or the framework refused; the framework's own words are the phrase of the status."""
    headers = error.headers
    if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        headers = {"Allow": ", ".join(_allowed_methods(request))}  # the framework names those of one route only
    return answer(problem_of(error.status_code, error.detail), headers)


def _allowed_methods(request: Request) -> list[str]:
    methods = ("DELETE", "GET", "PATCH", "POST", "PUT")
    router = request.app.router
    return [method for method in methods if any(_serves(route, request, method) for route in router.routes)]


def _serves(route: BaseRoute, request: Request, method: str) -> bool:
    return route.matches({**request.scope, "method": method})[0] is Match.FULL


async def invalid(_request: Request, error: RequestValidationError) -> JSONResponse:
    """Say where the request is wrong and why. The name of an unknown field is the client's own word too."""
    problem = problem_of(HTTPStatus.UNPROCESSABLE_ENTITY, "The request does not have the documented form.")
    problem.errors = [
        InvalidField(
            location=[*found["loc"][:-1], NOT_NAMED] if found["type"] == "extra_forbidden" else list(found["loc"]),
            reason=found["msg"],
        )
        for found in error.errors()
    ]
    return answer(problem)


def database_refused(request: Request, error: DBAPIError) -> JSONResponse:
    """Tell a taken name from a schema that is not there yet, and both from our own mistake."""
    taken = taken_field(error) if isinstance(error, IntegrityError) else None
    if taken is not None:
        field = "username" if taken == "username_key" else taken
        problem = problem_of(HTTPStatus.CONFLICT, f"Another user has this {field}.")
        problem.errors = [InvalidField(location=["body", field], reason="is taken")]
        return answer(problem)
    state = _schema_state(request)
    if state is None or state.state == "behind" or isinstance(error, (OperationalError, InterfaceError)):
        return answer(problem_of(HTTPStatus.SERVICE_UNAVAILABLE, "The database is not ready. Try again."), {"Retry-After": "1"})
    raise error


async def failed(_request: Request, _error: Exception) -> JSONResponse:
    """Say that it is our mistake, and nothing more; the server's log has the rest."""
    return answer(problem_of(HTTPStatus.INTERNAL_SERVER_ERROR, "The service made a mistake."))


def _schema_state(request: Request) -> SchemaState | None:
    try:
        with sessions_of(request)() as session:
            return history_of(request).state_of(session.connection())
    except SQLAlchemyError:
        return None
