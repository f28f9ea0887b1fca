"""Bytes of a table file become text: encodings, spoilt letters, line ends."""

import codecs
import re
from pathlib import Path

from referendum.core.errors import InputError

_OTHER_FILE_KINDS = {
    b"PK\x03\x04": "a spreadsheet or an archive",
    b"\xd0\xcf\x11\xe0": "an old spreadsheet",
    b"%PDF": "a PDF",
    b"PAR1": "a Parquet file: call it .parquet",
    b"\x1f\x8b": "compressed: call it .csv.gz",
}


def decode_text(data: bytes, encoding: str, path: Path) -> str:
    """Decode a CSV file, with one kind of line end and without blank lines.

    Raises:
        InputError: the bytes are another kind of file, or the encoding is unknown or not theirs.
    """
    kind = next((name for head, name in _OTHER_FILE_KINDS.items() if data.startswith(head)), None)
    if kind:
        raise InputError(
            f"this is no CSV file but {kind}", where=str(path), hint="save the table as CSV"
        )
    _require_text_encoding(encoding)
    try:
        text = data.decode("utf-8-sig" if encoding.lower() in ("utf-8", "utf8") else encoding)
        text.encode()  # refuses lone surrogates, which could not be written again
    except UnicodeError as error:
        raise InputError(
            _describe_decoding_error(error, data, encoding),
            where=str(path),
            hint="name the file's encoding, mostly --encoding cp1252, utf-16 or mac-roman",
        ) from error
    _require_own_encoding(text, data, encoding, path)
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    return _without_blank_lines(text.removeprefix("sep=,\n"))


def _without_blank_lines(text: str) -> str:
    """Leave out blank lines, except inside quotation marks."""
    if not re.search(r"\n[ \t]*(\n|$)", text[:-1]):
        return text
    return re.sub(r'("[^"]*")|\n[ \t]*(?=\n|$)', lambda match: match[1] or "", text)


_NON_TEXT_CODECS = {"idna", "punycode", "unicode-escape", "raw-unicode-escape", "undefined"}
"""Codecs of host names or source code, not of the texts of a table."""


_KNOWN_ENCODINGS = "for example utf-8, cp1252, utf-16, mac-roman"


def _require_text_encoding(encoding: str) -> None:
    """Refuse an encoding that does not exist, or does not encode texts.

    Raises:
        InputError: it is one of these.
    """
    try:
        name = codecs.lookup(encoding).name
        if name not in _NON_TEXT_CODECS:
            "a".encode(encoding)
    except (LookupError, ValueError) as error:
        message = f"no encoding of texts is called {encoding!r}"
        raise InputError(message, hint=_KNOWN_ENCODINGS) from error
    if name in _NON_TEXT_CODECS:
        raise InputError(f"{encoding!r} is no encoding of tables", hint=_KNOWN_ENCODINGS)


def _describe_decoding_error(error: UnicodeError, data: bytes, encoding: str) -> str:
    if not isinstance(error, UnicodeDecodeError):
        return f"the file is not {encoding}"
    row = data.count(b"\n", 0, error.start)
    return f"byte 0x{data[error.start]:02x} in row {row} is not {encoding}"


_MOJIBAKE = re.compile(
    r"[ÂÃ][\u0080-\u00bf€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ]|[ÄÅ][\u0080-\u009f¡-¿]|\ufffd"
)
"""What UTF-8 becomes when it is read as cp1252 or Latin-1, and the replacement character."""


_OTHER_CODE_PAGE = re.compile(
    r"(?<=[^\W\d_])[\u0080-\u009f‚„…†‡ˆ‰‘“”•™§¤¨¥](?=[^\W\d_])"
    r"|(?<=[a-zà-ÿ])[ŠŽŸŒ]|(?<=[A-Za-zÀ-ÿ])[ŠŽŸŒ](?=[a-zà-ÿ])"
)
"""Marks, or capitals, inside a word: letters of Mac Roman or cp850 that were read as cp1252."""


_NOT_ASCII = re.compile(r"[^\x00-\x7f]+")


def _require_own_encoding(text: str, data: bytes, encoding: str, path: Path) -> None:
    """Refuse a text that was read, or had been saved, in an encoding that is not its own.

    Raises:
        InputError: most of the letters beyond ASCII are what UTF-8 becomes in that case.
    """
    if text.isascii():
        return
    spoilt, runs = len(_MOJIBAKE.findall(text)), len(_NOT_ASCII.findall(text))
    if 2 * spoilt < runs:
        _require_own_code_page(text, runs, path)
        return
    try:
        data.decode()
        own = "\ufffd" not in text and encoding.lower() not in ("utf-8", "utf8")
    except UnicodeDecodeError:
        own = False
    raise InputError(
        f"letters with accents come out spoilt, {spoilt:,} times",
        where=str(path),
        hint="the file is UTF-8: leave out --encoding, or name one for each file"
        if own
        else "the file was saved in a wrong encoding: export it again from its source, as UTF-8",
    )


def _require_own_code_page(text: str, runs: int, path: Path) -> None:
    """Refuse a text that was read in another code page than its own.

    Raises:
        InputError: a fifth or more of the letters beyond ASCII stand where such letters never do.
    """
    spoilt = len(_OTHER_CODE_PAGE.findall(text))
    if spoilt and 5 * spoilt >= runs:
        raise InputError(
            f"letters with accents come out spoilt, {spoilt:,} times",
            where=str(path),
            hint="the file is of another encoding: try --encoding mac-roman or --encoding cp850",
        )
