"""Frequently asked questions: what they are, and which one a text is asking."""

import os

# Numpy's linear algebra reads this as it is loaded, so it is said before any room of
# this package loads it. Threads of its own, one a processor, would go on spinning for
# some time after every solve, and whoever is to be answered waits for a processor.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
