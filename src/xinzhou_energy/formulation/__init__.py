"""The mathematics PyPSA does not bring, on a plain `linopy.Model`."""

from xinzhou_energy.formulation.build import build_rows, formulate
from xinzhou_energy.formulation.rows import apply_rows, row_duals

__all__ = ["apply_rows", "build_rows", "formulate", "row_duals"]
