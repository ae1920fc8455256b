"""What was released before: told by a lock file, or by the base branch in git. Reads the repository, and never writes to it."""
