"""The reference service: users, on a database whose every change is a proved migration. Knows nothing of the harness."""
