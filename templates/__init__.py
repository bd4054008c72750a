"""What people read: one Jinja2 file per message key, one folder per language."""
