"""Xinzhou's 2026 plan as a solved PyPSA year."""

__version__ = "0.2.0"
