"""The command line. Exit status 0: nothing broken; 1: broken; 2: could not run.

`commands` reads it; nothing of it is loaded here, because a proof's is read in a copy of the process (`reading`).
"""
