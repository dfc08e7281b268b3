"""The solver: the only package that starts one."""

from xinzhou_energy.solve.highs import choose_method, solve
from xinzhou_energy.solve.indifference import siting_range
from xinzhou_energy.solve.solution import Method, Progress, Solution

__all__ = ["Method", "Progress", "Solution", "choose_method", "siting_range", "solve"]
