"""Bundles under the acts that make them: manifests, digests, nonces."""

import secrets

import msgspec

from referendum.record.acts import Act, BundleReference
from referendum.record.bundles import Bundle, Draft, seal_draft
from referendum.record.reading import Inputs


def seal_bundle(draft: Draft, act: Act, inputs: Inputs | None, *, made_up: bool) -> Bundle:
    """Seal a draft under the act that makes it."""
    return seal_draft(
        draft,
        act=act.kind,
        number=act.number,
        statute=msgspec.to_builtins(act.statute),
        parameters=act.parameters,
        parents=act.reads,
        made_up=made_up,
        nonce=_nonce(draft, inputs),
        code=act.code,
    )


def reference_bundles(bundles: list[Bundle]) -> tuple[BundleReference, ...]:
    """Name bundles as an act does."""
    return tuple(BundleReference(b.manifest.kind, b.digest, b.manifest.sealed) for b in bundles)


def _nonce(draft: Draft, inputs: Inputs | None) -> str | None:
    """Give the nonce of a draft: none if public, derived from its parents', or fresh."""
    if not draft.sealed or draft.nonce:
        return draft.nonce
    return inputs.derived_nonce(draft.kind) if inputs else secrets.token_hex(32)
