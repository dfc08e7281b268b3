"""A full-year investment problem as weekly blocks under a small master, with a lower and an upper bound.

Light on purpose: worker processes import this package, and nothing here imports pypsa.
"""
