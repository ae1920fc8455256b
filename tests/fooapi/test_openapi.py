import json

from fooapi.main import create_app
from tests.fooapi.client import CHEAP
from tests.fooapi.history import ROOT


def test_committed_document_is_in_step() -> None:
    """openapi.json is what the service says of itself. Write it anew with `python -m tests.fooapi.test_openapi`."""
    assert (ROOT / "openapi.json").read_text(encoding="utf-8") == document()


def test_every_answer_is_documented() -> None:
    """Every operation names the problems that it can answer, and none shows FastAPI's own form of them."""
    schema = json.loads(document())
    for path, operations in schema["paths"].items():
        for method, operation in operations.items():
            for status, response in operation["responses"].items():
                if int(status) >= 400:
                    assert list(response["content"]) == ["application/problem+json"], (method, path, status)
    assert "HTTPValidationError" not in schema["components"]["schemas"]


def document() -> str:
    """Write the OpenAPI document."""
    return json.dumps(create_app(CHEAP).openapi(), indent=2, sort_keys=True, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    (ROOT / "openapi.json").write_text(document(), encoding="utf-8")
