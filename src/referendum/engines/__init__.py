"""Engines: how a list that is matched part by part is read, and where its parts are worked on."""

from referendum.engines.parts import FileParts, PartsOfList

__all__ = ["FileParts", "PartsOfList"]
