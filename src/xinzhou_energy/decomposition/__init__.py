"""A full year as blocks under a small master, with a lower and an upper bound, and a vertex of the whole at the end.

Light on purpose: worker processes import this package, and nothing here imports pypsa.
"""
