"""AP201: the import cycle of a model that imports `db.base` where it needs `db.base_class`."""

from alembic_proof.findings import Outcome
from tests.checks.copies import Planted

CHECKS = ("modules-import-alone",)


def test_the_printed_import_breaks_the_cycle(planted: Planted) -> None:
    """With the line replaced as printed, every module can be first."""
    copy = planted("modules_import_alone", "bad")
    [finding] = copy.verify(checks=CHECKS).findings
    place, _, statement = finding.fix.removeprefix("replace ").partition(" by:\n")
    file, _, line = place.partition(":")

    path = copy.root / file
    lines = path.read_text(encoding="utf-8").splitlines()
    assert finding.seen[0] == f"{place}  {lines[int(line) - 1]}"
    lines[int(line) - 1] = statement
    path.write_text("\n".join([*lines, ""]), encoding="utf-8")
    report = copy.verify()

    assert report.findings == ()
    assert {verdict.outcome for verdict in report.outcomes} == {Outcome.PROVED}


def test_one_cycle_is_one_finding(planted: Planted) -> None:
    """Every module that comes into the same cycle is named in one finding, whichever end it began at."""
    copy = planted("modules_import_alone", "bad")
    for name in ("api", "jobs"):
        (copy.root / f"shop/{name}.py").write_text("from shop.models.customer import Customer\n", encoding="utf-8")
    [finding] = copy.verify(checks=CHECKS).findings

    assert finding.what == (
        "shop.api, shop.jobs and shop.models.customer could not be imported first: "
        "shop.models.customer -> shop.db.base -> shop.models.customer is a cycle."
    )


def test_a_cycle_without_an_easy_way_out(planted: Planted) -> None:
    """Where no other module has the name, the finding says which line closes the cycle, and the two ways to open it."""
    copy = planted("modules_import_alone", "good")
    copy.replace("shop/orders.py", "from shop import payments", "from shop.payments import fee")
    copy.replace("shop/orders.py", "payments.fee()", "fee()")
    copy.replace("shop/payments.py", "from shop import orders", "from shop.orders import total")
    copy.replace("shop/payments.py", "orders.total()", "total()")
    both = copy.verify(checks=CHECKS).findings

    assert [(finding.object, finding.file, finding.line) for finding in both] == [("shop.orders", "shop/payments.py", 1)]
    assert both[0].fix == (
        "shop/payments.py:1 closes the cycle: move this import into the function that uses it, "
        "or move what shop.payments and shop.orders share into a module that imports neither"
    )
