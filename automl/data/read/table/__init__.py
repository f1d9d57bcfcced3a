"""Read a table, one module a stage: file, cells, inferred columns, codes, rows."""
