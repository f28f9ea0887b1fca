"""The petition: issued, received, passed through the gates."""
