"""Xinzhou's 2026 plan as a solved PyPSA year."""
