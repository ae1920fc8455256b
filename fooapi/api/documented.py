"""What a route can answer besides success, for the OpenAPI document."""

from http import HTTPStatus
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from fooapi.api.problems import MEDIA_TYPE, title_of
from fooapi.schemas.problem import Problem

ETAG = {"ETag": {"description": "The version of the user, for If-Match and If-None-Match.", "schema": {"type": "string"}}}
LOCATION = {"Location": {"description": "Where the new user is.", "schema": {"type": "string"}}}
WWW_AUTHENTICATE = {"WWW-Authenticate": {"description": "What to log in with.", "schema": {"type": "string"}}}
RETRY_AFTER = {"Retry-After": {"description": "Seconds to wait.", "schema": {"type": "string"}}}


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Document problem documents with these statuses, and those that every route with a database can answer."""
    return {int(status): _response(status) for status in (*statuses, 500, 503)}


def _response(status: int) -> dict[str, Any]:
    response: dict[str, Any] = {
        "description": title_of(status),
        "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }
    if status == HTTPStatus.SERVICE_UNAVAILABLE:
        response["headers"] = RETRY_AFTER
    return response


def document(app: FastAPI) -> None:
    """Give the application an OpenAPI document that knows the schema of problems."""

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            schema = get_openapi(title=app.title, version=app.version, summary=app.summary, routes=app.routes)
            problem = Problem.model_json_schema(mode="serialization", ref_template="#/components/schemas/{model}")
            schemas = schema.setdefault("components", {}).setdefault("schemas", {})
            schemas.update(problem.pop("$defs"), Problem=problem)
            schema["components"]["schemas"] = dict(sorted(schemas.items()))
            app.openapi_schema = schema
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]  # FastAPI's documented way
