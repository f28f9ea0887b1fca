"""The record: durable files, bundles, acts and their log; opened, read, written, replayed."""
