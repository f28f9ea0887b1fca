"""The strings and numbers of which OpenSSH's blobs are made (RFC 4251, section 5)."""


def string(data: bytes) -> bytes:
    """Write bytes with their length in four bytes before them."""
    return len(data).to_bytes(4, "big") + data


class BlobReader:
    """Bytes to be read from the front; nothing may be missing or left over.

    Each method raises ValueError where fewer bytes are left than it asks for.
    """

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._place = 0

    def take(self, count: int) -> bytes:
        """Read a number of bytes."""
        part = self._data[self._place : self._place + count]
        if len(part) != count:
            raise ValueError("cut off")
        self._place += count
        return part

    def number(self) -> int:
        """Read a number of four bytes."""
        return int.from_bytes(self.take(4), "big")

    def string(self) -> bytes:
        """Read a string with its length before it."""
        return self.take(self.number())

    def end(self) -> None:
        """See that nothing is left.

        Raises:
            ValueError: something is.
        """
        if self._place != len(self._data):
            raise ValueError(f"{len(self._data) - self._place} bytes too many")
