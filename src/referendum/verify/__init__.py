"""Verify: a second pair of eyes on a published record.

Written from the record's specification (docs/record.md) and from nothing else: it imports no other
room of this project. It needs the standard library and `cryptography` for signatures.
"""

from referendum.verify.report import Finding, Report, render
from referendum.verify.verifier import verify

__all__ = ["Finding", "Report", "render", "verify"]
