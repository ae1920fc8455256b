"""Old code on a new schema, new code on an old one: statements built from a snapshot, sent to both sides of a revision."""
