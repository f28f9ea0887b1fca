"""Flows: read bundles, call the pure stage, write the bundle, append the act.

One thin module per stage. This is the only floor where a stage meets the disk and the clock.
"""
