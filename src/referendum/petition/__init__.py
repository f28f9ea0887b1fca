"""The petition: lines as received, numbered in secret, passed through the gates in order."""

from referendum.petition.gates import (
    GATES,
    UNREADABLE,
    Gate,
    all_gates,
    cells_of,
    columns_of,
    gate_lines,
    not_applied,
    single_name,
)
from referendum.petition.intake import FEWEST, number_lines

__all__ = [
    "FEWEST",
    "GATES",
    "UNREADABLE",
    "Gate",
    "all_gates",
    "cells_of",
    "columns_of",
    "gate_lines",
    "not_applied",
    "number_lines",
    "single_name",
]
