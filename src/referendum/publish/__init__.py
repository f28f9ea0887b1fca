"""The public site: static pages beside the published record that they tell."""

from referendum.publish.site import publish

__all__ = ["publish"]
