"""Keep one search: its folder, its database, its records, and views of it."""
