"""How checks show what was sent."""

from alembic_proof.checks.places import shown_statement


def test_a_long_text_in_a_statement_is_cut() -> None:
    """What fills a screen is told by its beginning and its length; all else of the statement stays, quotation marks too."""
    long = "it''s " * 50
    sent = f"INSERT INTO t (a, b, c) VALUES ('it''s', '{long}', 'b')"

    assert shown_statement(sent) == "INSERT INTO t (a, b, c) VALUES ('it''s', 'it''s it...' (250 characters), 'b')"
    assert shown_statement("SELECT 'a', 'b'") == "SELECT 'a', 'b'"
