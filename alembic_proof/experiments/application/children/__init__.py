"""What runs in interpreters of its own. Each module has a `main(job)` that answers in JSON; none is imported by the harness.

They may import the application, and nothing of the harness but each other, the answers' shapes and the refusal to connect.
"""
