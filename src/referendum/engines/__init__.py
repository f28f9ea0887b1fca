"""Engines: how a list that is matched part by part is read, and where each part is processed."""

from referendum.engines.parts import FileParts, ListParts

__all__ = ["FileParts", "ListParts"]
