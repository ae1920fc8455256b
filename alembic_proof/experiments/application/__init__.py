"""What is tried on the application: its imports, each in an interpreter of its own.

The harness itself never imports the application here: `children/` runs in other interpreters and answers in JSON. Nothing is
imported here either: every child would load it.
"""
