"""Exports of cast vote records of other makers, told by how they begin."""

import re

SUPPORTED_EXPORTS = (
    "these are read: Dominion's JSON export with its manifests, and NIST SP 1500-103 in JSON"
)
"""A hint that says which exports are read."""

_XML_FORMATS = (
    (r"tempuri\.org/CVRDesign|<Cvr[\s>]", "a cast vote record of Hart Verity in XML"),
    (r"Unisyn|OpenElect", "an export of Unisyn in XML"),
    (
        r"<(\w+:)?CastVoteRecordReport|itl\.nist\.gov/ns/voting/1500-103",
        "a cast vote record report of NIST SP 1500-103 in XML (or Unisyn's, which is of that form)",
    ),
    ("", "a file in XML or HTML"),
)
_OTHER_FORMATS = (
    (r'(?m)^\W*CvrNumber"?,\W*TabulatorNum', "an export of Dominion in CSV"),
    (r"^\W*RowNumber\W*,\W*BoxID\W*,\W*BoxPosition", "an export of Clear Ballot in CSV"),
    (r"^\W*Cast Vote Record\W*,", "an export of ES&S in CSV"),
    (r"(?m)^.*Original Ballot Exception", "a table of ballots of ES&S in CSV"),
    (r"^%PDF", "a PDF"),
)
_BEGINNING = 20_000


def find_unsupported_vendor(data: bytes) -> str | None:
    """Say whose export a file is, if it is one that is known and not read."""
    if data[:4] == b"PK\x03\x04":
        if b"xl/" in data[:_BEGINNING] or b"xl/workbook" in data[-_BEGINNING:]:
            return "a workbook in XLSX, as ES&S exports"
        return "a ZIP archive, as Hart Verity and others export"
    if data[:4] == b"\xd0\xcf\x11\xe0":
        return "a workbook in XLS"
    utf16 = data[:2] in {b"\xff\xfe", b"\xfe\xff"}
    text = data[:_BEGINNING].decode("utf-16" if utf16 else "utf-8", "ignore").lstrip("\ufeff")
    first = text.lstrip()[:1]
    if first in {"{", "["}:
        return None
    formats = _XML_FORMATS if first == "<" else _OTHER_FORMATS
    return next((vendor for form, vendor in formats if re.search(form, text)), None)


def refusal_message(vendor: str) -> tuple[str, str]:
    """Say that an export of another maker is not read, and what is."""
    return f"this is {vendor}, which is not read", SUPPORTED_EXPORTS
