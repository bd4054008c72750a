"""What `exoplan check` proves before a clinic goes live; the tests prove it too.

Each check is a small function that yields findings: what is wrong, and where.
"""
