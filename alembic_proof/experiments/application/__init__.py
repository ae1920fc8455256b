"""What is tried on the application: its imports, each in an interpreter of its own. `gather` is the way in.

The harness itself never imports the application here: `children/` runs in other interpreters and answers in JSON.
"""
