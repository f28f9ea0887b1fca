"""Bundles: sets of rows that do not change, named by the digest of their manifest."""

from referendum.evidence.bundles import Bundle, BundleStore, Draft, FileEntry, Manifest, seal_draft

__all__ = ["Bundle", "BundleStore", "Draft", "FileEntry", "Manifest", "seal_draft"]
