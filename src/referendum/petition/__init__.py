"""The petition: lines as received, numbered in secret, passed through the gates in order."""

from referendum.petition.gates import GATES, gate_lines, not_applied
from referendum.petition.intake import number_lines

__all__ = ["GATES", "gate_lines", "not_applied", "number_lines"]
