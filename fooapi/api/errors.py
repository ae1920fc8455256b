"""Answers to requests that cannot be served. None of them repeats what the client sent: it may be a password."""

from fastapi import FastAPI, Request, status
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse


def install(app: FastAPI) -> None:
    """Replace FastAPI's own answer to invalid input, which quotes the input."""
    app.exception_handler(RequestValidationError)(invalid_input)


async def invalid_input(_request: Request, error: RequestValidationError) -> JSONResponse:
    """Say where the input is wrong and why, without the input."""
    problems = [{"loc": problem["loc"], "msg": problem["msg"], "type": problem["type"]} for problem in error.errors()]
    return JSONResponse({"detail": problems}, status.HTTP_422_UNPROCESSABLE_CONTENT)
