"""Officers: their keys and their signatures, as OpenSSH has them."""

from referendum.record.officers.keys import (
    OfficerKey,
    OfficerSigner,
    load_officer_key,
    load_officer_signer,
    new_officer_signer,
    write_new_officer_key,
)
from referendum.record.officers.roster import Appointment, Roster
from referendum.record.officers.rule import USUAL_ROLES, USUAL_RULE, require_rule
from referendum.record.officers.signatures import (
    ACT_NAMESPACE,
    COMMITMENT_NAMESPACE,
    LONGEST_SIGNATURE,
    TokenUse,
    sign_message,
    verify_signature,
)

__all__ = [
    "ACT_NAMESPACE",
    "COMMITMENT_NAMESPACE",
    "LONGEST_SIGNATURE",
    "USUAL_ROLES",
    "USUAL_RULE",
    "Appointment",
    "OfficerKey",
    "OfficerSigner",
    "Roster",
    "TokenUse",
    "load_officer_key",
    "load_officer_signer",
    "new_officer_signer",
    "require_rule",
    "sign_message",
    "verify_signature",
    "write_new_officer_key",
]
