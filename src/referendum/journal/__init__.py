"""The journal: acts in an append-only, signed C2SP tlog-tiles log."""

from referendum.journal.acts import (
    LARGEST_ENTRY,
    Act,
    StatuteVersion,
    Written,
    decode_act,
    encode_act,
)
from referendum.journal.keys import Signer, load_signer, new_signer, write_new_key
from referendum.journal.log import Log, LogWriter
from referendum.journal.merkle import ProofError, verify_consistency, verify_inclusion
from referendum.journal.note import Checkpoint, VerifierKey

__all__ = [
    "LARGEST_ENTRY",
    "Act",
    "Checkpoint",
    "Log",
    "LogWriter",
    "ProofError",
    "Signer",
    "StatuteVersion",
    "VerifierKey",
    "Written",
    "decode_act",
    "encode_act",
    "load_signer",
    "new_signer",
    "verify_consistency",
    "verify_inclusion",
    "write_new_key",
]
