"""The URL of a user's server, in the words of the driver that the harness itself uses."""

from collections.abc import Mapping

from sqlalchemy import URL, make_url

_DRIVERS = {"postgresql": "psycopg", "mariadb": "pymysql", "mysql": "pymysql"}

_SHARED = {
    "postgresql": ("host", "port", "sslmode", "ssl"),
    "mariadb": ("unix_socket", "charset"),
    "mysql": ("unix_socket", "charset"),
}
"""The parameters in a URL for another driver that mean the same to ours."""

_LIBPQ_DRIVERS = ("psycopg", "psycopg_async", "psycopg2", "psycopg2cffi")
_SECRETS = ("password", "passwd", "sslpassword")

Query = Mapping[str, tuple[str, ...] | str]


def in_our_words(url: URL) -> URL:
    """Return the same place for our driver. What only the user's driver understands is left out."""
    kind = url.get_backend_name()
    _, _, driver = url.drivername.partition("+")
    query: Query = url.query
    if driver and driver != _DRIVERS[kind] and driver not in _LIBPQ_DRIVERS:
        query = {name: value for name, value in query.items() if name in _SHARED[kind]}
    if kind == "postgresql":
        query = {"sslmode" if name == "ssl" else name: value for name, value in query.items()}  # asyncpg's word for it
    database = url.database or ("postgres" if kind == "postgresql" else None)
    return URL.create(f"{kind}+{_DRIVERS[kind]}", url.username, url.password, url.host, url.port, database, query)


def without_password(url: URL) -> str:
    """Write a URL for a report."""
    query = {name: value for name, value in url.query.items() if name not in _SECRETS}
    return URL.create(url.drivername, url.username, None, url.host, url.port, url.database, query).render_as_string()


def shown(name: str) -> str:
    """Write a server's name, or its URL without the password."""
    return without_password(make_url(name)) if "://" in name else name
