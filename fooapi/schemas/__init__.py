"""What goes over the wire. A table's column appears here only when a client should see it."""
