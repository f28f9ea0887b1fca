"""What every room stands on: errors, exact numbers, days, canonical bytes, seeded draws, tables.

Nothing here reads a file, a clock or a source of chance. `core.tables` and `core.canonical_rows`
need polars; import them by name where frames are handled.
"""
