"""Frequently asked questions: what they are, and which one a text is asking."""
