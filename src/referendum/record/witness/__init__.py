"""Witnesses: who else has seen this history of the log.

A witness keeps the last checkpoint of each log that it knows, cosigns only what contains it, and so
never cosigns two histories. Formats: C2SP tlog-cosignature v1, tlog-witness v1.0.0, tlog-policy.
"""

from referendum.record.witness.client import (
    Answer,
    WitnessAddress,
    ask_in_process,
    ask_witnesses,
    put_cosignatures,
    read_witness_address,
    require_url,
)
from referendum.record.witness.cosignature import (
    Cosigner,
    add_cosignatures,
    find_cosignatures,
    load_cosigner,
    new_cosigner,
    verify_cosignature,
    write_new_cosigner,
)
from referendum.record.witness.policy import Policy, read_policy
from referendum.record.witness.server import WitnessServer
from referendum.record.witness.service import Witness, logs_by_origin
from referendum.record.witness.state import WitnessState

__all__ = [
    "Answer",
    "Cosigner",
    "Policy",
    "Witness",
    "WitnessAddress",
    "WitnessServer",
    "WitnessState",
    "add_cosignatures",
    "ask_in_process",
    "ask_witnesses",
    "find_cosignatures",
    "load_cosigner",
    "logs_by_origin",
    "new_cosigner",
    "put_cosignatures",
    "read_policy",
    "read_witness_address",
    "require_url",
    "verify_cosignature",
    "write_new_cosigner",
]
