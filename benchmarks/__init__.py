"""Measurements that the documentation gives figures from: `python -m benchmarks [NAME ...]`."""
