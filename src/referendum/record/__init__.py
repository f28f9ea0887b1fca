"""The record: what proves its acts and its log: officers' keys and signatures, and witnesses."""
