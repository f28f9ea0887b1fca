"""What every room stands on: errors, exact numbers, days, canonical bytes, seeded draws, tables.

Nothing here reads a file, a clock or a source of chance. `core.tables` needs polars and is the
only module here that does; import it by name where frames are handled.
"""
