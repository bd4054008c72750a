"""Where everything is kept: tables, statements, one writer."""
