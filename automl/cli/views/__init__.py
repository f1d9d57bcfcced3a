"""Print what a command shows: live views, tables and results."""
