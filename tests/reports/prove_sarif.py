"""Hold our SARIF to the standard's own schema. Run by `tox -e sarif`, which needs the network, or takes the schema's file.

The schema is no part of the repository: it is somebody else's file, whose terms are not ours. The tests hold every log to types
that are narrower than it (test_sarif.py); this says that they are.
"""

import json
import sys
from importlib import import_module
from pathlib import Path
from urllib.request import urlopen

from alembic_proof.reports import sarif
from tests.unit.reports_made import made

REPORTS = (made(), made(nothing_proved=True))


def main() -> None:
    """Say every fault of every log, and end with 1 where there is one."""
    if len(sys.argv) > 1:
        schema = json.loads(Path(sys.argv[1]).read_bytes())
    else:
        with urlopen(sarif.SCHEMA, timeout=60) as answer:  # noqa: S310 - the standard's own address, a constant of ours
            schema = json.load(answer)
    assert schema["id"] == sarif.SCHEMA, f"this is another schema than our logs name: {schema['id']}"
    validator = import_module("jsonschema_rs").Draft4Validator(schema)  # of this environment alone: the type checker has none
    broken = {"version": "2.1.0", "runs": [{"tool": {}}]}
    assert not validator.is_valid(broken), "a schema that refuses nothing proves nothing"
    faults = [str(fault) for report in REPORTS for fault in validator.iter_errors(json.loads(sarif.render(report)))]
    print(*faults, f"{len(REPORTS)} logs, {len(faults)} faults.", sep="\n")  # noqa: T201 - a script
    sys.exit(bool(faults))


if __name__ == "__main__":
    main()
