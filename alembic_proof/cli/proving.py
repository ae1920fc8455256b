"""What `verify` and `gate` do once their command lines are read."""

from alembic_proof.cli.ahead import begin_interpreters, begin_servers, loading
from alembic_proof.cli.asked import Aim, Asked, hand_over
from alembic_proof.cli.delivery import deliver, end_with, was_told_again
from alembic_proof.databases.ahead import ServersAhead
from alembic_proof.experiments.application.interpreters import Interpreters


def answer(asked: Asked) -> None:
    """Tell the report of an equal run, else hand over to the process that proves, else prove here."""
    if was_told_again(asked.again, asked.outputs, strict=asked.strict):
        return
    hand_over(asked)
    with Interpreters() as interpreters, ServersAhead() as servers:
        begin(asked, interpreters, servers)
        prove(asked, interpreters, servers)


def begin(aim: Aim, interpreters: Interpreters, servers: ServersAhead) -> None:
    """Start what takes long on another core."""
    begin_interpreters(interpreters, aim)
    begin_servers(servers, aim)


def load() -> None:
    """Load what a proof needs, whatever is asked: libraries of databases above all."""
    with loading():
        import alembic_proof.gate
        import alembic_proof.progress
        import alembic_proof.reports.stored
        import alembic_proof.shards  # noqa: F401 - loaded is all that they shall be


def prove(asked: Asked, interpreters: Interpreters, servers: ServersAhead) -> None:
    """Prove, deliver the report in every format, and end with its status; on what was begun."""
    load()
    from alembic_proof.gate import gate
    from alembic_proof.progress import ProgressDisplay
    from alembic_proof.project import find_project
    from alembic_proof.reports.formats import wants_details
    from alembic_proof.reports.stored import read_report
    from alembic_proof.shards import parse_shard, verify_shard
    from alembic_proof.verify import GraphError, Request, verify

    request = Request(
        project=find_project(asked.config),
        databases=asked.on,
        checks=asked.checks,
        revision_range=asked.revision_range,
        faithful=asked.faithful,
        forking=True,
        accepting=not asked.no_accept,
        detailed=wants_details(asked.outputs),
        examples=asked.examples,
        with_rows=asked.rows,
        store=asked.store,
        again=asked.again,
        interpreters=interpreters,
        servers=servers,
    )
    failure = None
    with ProgressDisplay() as progress:
        try:
            if asked.is_gate:
                report = gate(request, asked.base, progress)
            elif asked.shard is not None:
                costs = read_report(asked.costs) if asked.costs else None
                report = verify_shard(request, parse_shard(asked.shard), costs, progress)
            else:
                report = verify(request, progress)
        except GraphError as error:
            report, failure = error.report, error
    deliver(report, asked.outputs, request.project.root)
    if failure is not None:
        raise failure
    end_with(report, strict=asked.strict)
