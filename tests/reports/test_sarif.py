"""SARIF: held to the members, types and values that the standard names for what we write."""

import json
from typing import Annotated, Literal

import msgspec
import pytest

from alembic_proof.reports import sarif
from alembic_proof.reports.report import CheckSummary, Report
from tests.unit.reports_made import made

Text = Annotated[str, msgspec.Meta(min_length=1)]
Level = Literal["none", "note", "warning", "error"]


class Strict(msgspec.Struct, forbid_unknown_fields=True, rename="camel"):
    """One object of the standard (SARIF 2.1.0, errata 01), with the members that we use and no others.

    A member that is new here has to be looked up in the standard's own schema first: sarif-schema-2.1.0.json of OASIS.
    """


class Message(Strict):  # 3.11
    text: Text
    markdown: Text | None = None


class Descriptor(Strict):  # 3.49
    id: Text
    name: Text
    short_description: Message
    full_description: Message
    help: Message


class Driver(Strict):  # 3.19
    name: Text
    version: Text
    semantic_version: Annotated[str, msgspec.Meta(pattern=r"^\d+\.\d+\.\d+")]
    rules: list[Descriptor]


class Tool(Strict):  # 3.18
    driver: Driver


class AutomationDetails(Strict):  # 3.17
    id: Annotated[str, msgspec.Meta(pattern=r"/$")]  # ends in a slash: a category, not the name of one run


class Notification(Strict):  # 3.58
    message: Message
    level: Level


class Invocation(Strict):  # 3.20
    execution_successful: bool
    tool_execution_notifications: list[Notification]


class ArtifactLocation(Strict):  # 3.4
    uri: Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9\-._~!$&'()*+,;=:@/%]+$")]  # RFC 3986


class Region(Strict):  # 3.30
    start_line: Annotated[int, msgspec.Meta(ge=1)]


class PhysicalLocation(Strict):  # 3.29
    artifact_location: ArtifactLocation
    region: Region


class LogicalLocation(Strict):  # 3.33
    fully_qualified_name: Text


class Location(Strict):  # 3.28
    physical_location: PhysicalLocation
    logical_locations: list[LogicalLocation] = []


class Suppression(Strict):  # 3.35
    kind: Literal["inSource", "external"]
    status: Literal["accepted", "underReview", "rejected"]
    justification: Text


class Result(Strict):  # 3.27
    rule_id: Text
    rule_index: Annotated[int, msgspec.Meta(ge=0)]
    level: Level
    message: Message
    locations: Annotated[list[Location], msgspec.Meta(min_length=1)]  # code scanning shows no result without one
    partial_fingerprints: dict[str, Text]
    suppressions: list[Suppression]  # always there: 3.27.23 wants it on all results or on none
    properties: dict[str, str]


class Run(Strict):  # 3.14
    tool: Tool
    automation_details: AutomationDetails
    invocations: list[Invocation]
    column_kind: Literal["utf16CodeUnits", "unicodeCodePoints"]
    results: list[Result]


class Log(msgspec.Struct, forbid_unknown_fields=True):
    """3.13."""

    schema: Annotated[str, msgspec.Meta(pattern=r"/sarif-schema-2\.1\.0\.json$")] = msgspec.field(name="$schema")
    version: Literal["2.1.0"]
    runs: Annotated[list[Run], msgspec.Meta(min_length=1)]


def read(report: Report) -> Run:
    """The one run of a log that is as the standard wants it."""
    [run] = msgspec.json.decode(sarif.render(report), type=Log).runs
    return run


@pytest.mark.parametrize("report", [made(), made(nothing_proved=True)])
def test_the_log_is_as_the_standard_wants_it(report: Report) -> None:
    """Every member is one of the standard's, with a value that it admits, and every result points to its rule."""
    run = read(report)

    assert len(run.results) == len(report.findings) + len(report.accepted)
    for result in run.results:
        assert run.tool.driver.rules[result.rule_index].id == result.rule_id
    assert len({rule.id for rule in run.tool.driver.rules}) == len(run.tool.driver.rules)


def test_results_say_where_and_what() -> None:
    """Place, weight, object and a fingerprint of each finding."""
    first, second, *_ = read(made()).results

    assert (first.rule_id, first.level) == ("AP303", "error")
    assert first.locations[0].physical_location.artifact_location.uri == "migrations/versions/b.py"
    assert first.locations[0].physical_location.region.start_line == 9
    assert first.locations[0].logical_locations[0].fully_qualified_name == "ix"
    assert first.properties == {"database": "sqlite", "revision": "b", "direction": "downgrade", "fix": "line 1\nline 2"}
    assert second.locations[0].physical_location.artifact_location.uri == "alembic.ini"
    assert first.partial_fingerprints.keys() == {"alembicProof/v1"}


def test_what_is_accepted_is_no_alert() -> None:
    """An accepted finding stays in the log, suppressed, with its reason."""
    suppressed = [result.suppressions for result in read(made()).results]

    assert [len(one) for one in suppressed] == [0, 0, 0, 1, 1]
    assert suppressed[3] == [Suppression(kind="inSource", status="accepted", justification="nobody goes back")]


def test_what_is_not_proved_is_said() -> None:
    """A run that could not try something does not look like one that found nothing."""
    [invocation] = read(made()).invocations
    told = [notification.message.text for notification in invocation.tool_execution_notifications]

    assert told[0].startswith("Broken: 1 finding and 1 warning")
    assert "Not proved: downgrade-restores-schema (a, postgresql): its downgrade failed" in told


def test_every_check_that_was_asked_is_a_rule() -> None:
    """A rule without a result says that it was tried."""
    report = msgspec.structs.replace(made(), checks=(CheckSummary("AP101", "single-head", "The upgrade stops."),))
    rules = json.loads(sarif.render(report))["runs"][0]["tool"]["driver"]["rules"]

    assert [(rule["id"], rule["name"]) for rule in rules] == [
        ("AP101", "SingleHead"), ("AP303", "DowngradeRestoresSchema"), ("AP401", "ModelsMatchMigrations"),
    ]  # fmt: skip
