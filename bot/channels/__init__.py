"""The ways to reach people; Telegram is the only one so far."""
