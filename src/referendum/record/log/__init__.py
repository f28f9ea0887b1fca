"""The log of a record: a signed, append-only C2SP tlog-tiles log."""

from referendum.record.log.keys import Signer, load_signer, new_signer, write_new_key
from referendum.record.log.merkle import ProofError, verify_consistency, verify_inclusion
from referendum.record.log.note import Checkpoint, VerifierKey
from referendum.record.log.tile_log import Log, LogWriter

__all__ = [
    "Checkpoint",
    "Log",
    "LogWriter",
    "ProofError",
    "Signer",
    "VerifierKey",
    "load_signer",
    "new_signer",
    "verify_consistency",
    "verify_inclusion",
    "write_new_key",
]
