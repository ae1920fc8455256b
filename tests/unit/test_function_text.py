"""The text of a function, as far as it counts."""

import textwrap

from alembic_proof.schema.postgresql.routines import _without_margin

HEAD = "CREATE OR REPLACE FUNCTION public.f()\n RETURNS trigger\n LANGUAGE plpgsql\nAS $function$\n"
BODY = "BEGIN\n    RETURN NEW;\nEND;\n$function$\n"


def test_the_margin_of_a_body_does_not_count() -> None:
    """The same function pasted from models and from a migration is one function."""
    assert _without_margin(HEAD + textwrap.indent(BODY, " " * 8)) == _without_margin(HEAD + BODY) == HEAD + BODY


def test_a_text_of_many_lines_keeps_its_margin() -> None:
    """Inside quotes every blank is the function's own."""
    body = textwrap.indent("RAISE 'first\n  second';\n$function$\n", " " * 8)
    assert _without_margin(HEAD + body) == HEAD + body
