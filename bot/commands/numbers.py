"""Numbers that are given to a command."""

from __future__ import annotations

#: The largest that a database holds; whatever is larger is nobody's number.
LARGEST = 2**63 - 1
