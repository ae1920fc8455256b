"""Other ways to the same revisions: what the schema, and rows that were written on the way, come to there."""
