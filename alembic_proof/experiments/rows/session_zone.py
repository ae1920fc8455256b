"""The time zone that a session speaks in: where texts, dates and moments without a zone become moments, it decides which."""

from sqlalchemy import Connection

_ASK = {"postgresql": "SELECT current_setting('TimeZone')", "mariadb": "SELECT @@session.time_zone"}
_SET = {"postgresql": "SET TIME ZONE '{zone}'", "mariadb": "SET time_zone = '{zone}'"}
FAR_WEST = {"postgresql": "<-1130>11:30", "mariadb": "-11:30"}
"""So far from UTC that midnight is on the day before. Written so that no server has to know zones by their names."""


def speak_in(connection: Connection, kind: str, zone: str) -> str:
    """Let the session speak in a time zone; return the one in which it spoke."""
    before: str = connection.exec_driver_sql(_ASK[kind]).scalar_one()
    connection.exec_driver_sql(_SET[kind].format(zone=zone))
    return before
