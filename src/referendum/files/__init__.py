"""Durable files: a file is there whole or not at all, also after a power cut."""

from referendum.files.durable import (
    sync_folder,
    whole_folder,
    write_file,
    write_files,
    write_folder,
)

__all__ = ["sync_folder", "whole_folder", "write_file", "write_files", "write_folder"]
