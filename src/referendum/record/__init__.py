"""The record: what makes its acts provable. So far the officers' keys and signatures."""
