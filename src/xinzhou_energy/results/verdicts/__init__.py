"""The ledger: what a solved year says about every promise of the report.

One row per commitment (`VERDICT_COLUMNS`); `judge` adds no solve. A rule in `results/verdicts/<topic>.py` measures a
promise and is found by id or, for promises of the planner's own, by kind:

    @verdict("wind_solar_connection")
    def connection(case: Case) -> Judged: ...
"""

from xinzhou_energy.results.verdicts.judge import VERDICT_COLUMNS, VERDICTS, Ledger, judge

__all__ = ["VERDICTS", "VERDICT_COLUMNS", "Ledger", "judge"]
