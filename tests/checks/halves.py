"""The two halves that AP601 prints, taken out of what it says."""

import re

from alembic_proof.findings import Finding

_EXPAND = re.compile(r"in upgrade\(\), in place of this change \(expand\):\n(.*?)\nin upgrade\(\) of a revision", re.DOTALL)
_CONTRACT = re.compile(r"\(contract\):\n(.*?)\nwhere no such code", re.DOTALL)


def halves(finding: Finding) -> tuple[str, str, str]:
    """The code of both revisions, and the acceptance of the second."""
    expand, contract = _EXPAND.search(finding.fix), _CONTRACT.search(finding.fix)
    assert expand is not None, finding.fix
    assert contract is not None, finding.fix
    return expand[1], contract[1], finding.fix.rpartition(":  ")[2]
