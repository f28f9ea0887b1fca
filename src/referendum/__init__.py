"""Citizen-initiated referendums on a record that anyone can verify."""

__version__ = "0.1.0"
