"""One file per check: each judges evidence, touches no database and runs nothing."""
