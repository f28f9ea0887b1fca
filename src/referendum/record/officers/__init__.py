"""Officers: their keys and their signatures, as OpenSSH has them."""

from referendum.record.officers.keys import (
    OfficerKey,
    OfficerSigner,
    load_officer_key,
    load_officer_signer,
    new_officer_signer,
    write_new_officer_key,
)
from referendum.record.officers.signatures import (
    ACT_NAMESPACE,
    TokenUse,
    sign_message,
    verify_signature,
)

__all__ = [
    "ACT_NAMESPACE",
    "OfficerKey",
    "OfficerSigner",
    "TokenUse",
    "load_officer_key",
    "load_officer_signer",
    "new_officer_signer",
    "sign_message",
    "verify_signature",
    "write_new_officer_key",
]
