from alembic.script import ScriptDirectory

from tests.fooapi.history import config_for
from tests.fooapi.recorded import AGAIN, recording_of


def test_the_recording_is_of_the_head() -> None:
    """The recording that is committed was made on the newest schema."""
    heads = tuple(ScriptDirectory.from_config(config_for()).get_heads())
    assert {recording_of(kind).revisions for kind in ("sqlite", "postgresql", "mariadb")} == {heads}, AGAIN
