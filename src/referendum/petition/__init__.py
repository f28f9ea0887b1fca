"""The petition: its lines are numbered in secret, and pass the statute's gates in order."""

from referendum.petition.gates import (
    GATES,
    UNREADABLE_CODES,
    Gate,
    all_gates,
    gate_columns,
    gate_lines,
    gates_not_applied,
    required_cells,
    single_name_keys,
)
from referendum.petition.numbering import FEWEST_NUMBERED, number_lines

__all__ = [
    "FEWEST_NUMBERED",
    "GATES",
    "UNREADABLE_CODES",
    "Gate",
    "all_gates",
    "gate_columns",
    "gate_lines",
    "gates_not_applied",
    "number_lines",
    "required_cells",
    "single_name_keys",
]
