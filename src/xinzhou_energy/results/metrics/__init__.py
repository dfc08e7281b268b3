"""Metrics, one topic per file; each function registers itself with `@metric`."""
