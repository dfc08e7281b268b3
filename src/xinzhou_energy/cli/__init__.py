"""The command line: one file per command; the only package that talks to a person.

Commands import pandas, pypsa and pint inside their functions, because these take seconds that `--help` must not pay.
"""
