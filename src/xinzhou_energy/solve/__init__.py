"""The solver: the only package that starts one."""

from xinzhou_energy.solve.highs import AUTO, methods_for, solve
from xinzhou_energy.solve.indifference import siting_range
from xinzhou_energy.solve.solution import Method, Progress, Settings, Solution

__all__ = ["AUTO", "Method", "Progress", "Settings", "Solution", "methods_for", "siting_range", "solve"]
