"""How the user's env.py is told of a scratch database, whichever of the common ways it asks."""

import ast
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import msgspec
from sqlalchemy import URL

from alembic_proof.migrate.redirect import family
from alembic_proof.project import Project

_URL_WORDS = ("URL", "URI", "DSN")


class NaturalDialect(msgspec.Struct, frozen=True):
    """What the project connects with when nobody interferes."""

    name: str
    driver: str
    is_async: bool


class Target(msgspec.Struct, frozen=True):
    """A scratch database as env.py will see it: `sqlalchemy.url`, `-x` arguments and environment variables.

    `own_url` has the synchronous driver that the harness itself uses, `url` the project's driver; both its dialect.
    """

    own_url: URL
    url: URL
    x: tuple[str, ...]
    environment: Mapping[str, str]

    @contextmanager
    def in_environment(self) -> Iterator[None]:
        before = {name: os.environ.get(name) for name in self.environment}
        os.environ.update(self.environment)
        try:
            yield
        finally:
            for name, value in before.items():
                if value is None:
                    os.environ.pop(name, None)
                else:
                    os.environ[name] = value


def make_target(project: Project, url: URL, natural: NaturalDialect | None) -> Target:
    """Describe a scratch database to a project, with the driver that the project uses for that kind of database."""
    source = project.env_py.read_text(encoding="utf-8")
    spoken = url.set(drivername=_drivername(url, natural))
    text = spoken.render_as_string(hide_password=False)
    settings = project.settings
    names = {name: text for name in _environment_names(source) if _holds_url(os.environ.get(name))}
    configured = {name: value.replace("{url}", text) for name, value in settings.environment.items()}
    x = tuple(value.replace("{url}", text) for value in settings.x) or tuple(f"{key}={text}" for key in _x_keys(source))
    return Target(own_url=_spoken_alike(url, spoken), url=spoken, x=x, environment={**names, **configured})


def _drivername(url: URL, natural: NaturalDialect | None) -> str:
    if natural is not None and family(natural.name) == family(url.get_backend_name()):
        return f"{natural.name}+{natural.driver}"
    return url.drivername


def _spoken_alike(url: URL, spoken: URL) -> URL:
    """Take the project's dialect and the harness's own driver: models' options that begin with mysql_ are for mysql alone."""
    return url.set(drivername=url.drivername.replace(url.get_backend_name(), spoken.get_backend_name(), 1))


def _holds_url(value: str | None) -> bool:
    return value is None or "://" in value


def _environment_names(source: str) -> Iterator[str]:
    """The environment variables that env.py itself reads and that are named like a URL."""
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Subscript(value=ast.Attribute(attr="environ"), slice=ast.Constant(value=str(name))):
                pass
            case ast.Call(func=ast.Attribute(attr="getenv"), args=[ast.Constant(value=str(name)), *_]):
                pass
            case ast.Call(
                func=ast.Attribute(value=ast.Attribute(attr="environ"), attr="get"), args=[ast.Constant(value=str(name)), *_]
            ):
                pass
            case _:
                continue
        if any(word in name.upper() for word in _URL_WORDS):
            yield name


def _x_keys(source: str) -> Iterator[str]:
    """The `-x` keys that env.py asks for and that are named like a URL."""
    if "get_x_argument" not in source:
        return
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Subscript(slice=ast.Constant(value=str(key))):
                pass
            case ast.Call(func=ast.Attribute(attr="get" | "pop"), args=[ast.Constant(value=str(key)), *_]):
                pass
            case ast.Compare(left=ast.Constant(value=str(key)), ops=[ast.In()]):
                pass
            case _:
                continue
        if any(word in key.upper() for word in _URL_WORDS) and "." not in key:
            yield key


def env_py_mentions(project: Project, word: str) -> bool:
    """Say whether a word stands in env.py's source."""
    return word in Path(project.env_py).read_text(encoding="utf-8")
