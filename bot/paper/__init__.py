"""What a plan is drawn on: a picture for the chat, two pages for the consultation."""
