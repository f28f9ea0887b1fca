"""Matching on a record and on files, and its review."""
