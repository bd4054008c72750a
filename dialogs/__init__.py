"""The conversation: pure and synchronous."""
