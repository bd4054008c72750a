"""What the bot answers over HTTP: Telegram's updates, and whoever asks how it is."""
