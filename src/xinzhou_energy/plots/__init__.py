"""Figures of stored runs, with English labels so that no Chinese font is needed."""

from xinzhou_energy.plots.year import year_figure

__all__ = ["year_figure"]
