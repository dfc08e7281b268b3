"""What each commitment costs when it is left out: the scenario solved again without it.

Beside the price at the margin (`results/verdicts/price.py`), which is a derivative, this is the whole difference. Costs
are convex in the size of a commitment, so leaving one of a single row or a given size out never saves more than price
times size.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from xinzhou_energy.errors import Finding, ScenarioError, Where, nearest
from xinzhou_energy.results import Manifest, RunResult
from xinzhou_energy.run import Outcome, Report, run_scenario
from xinzhou_energy.scenario import Scenario

LONGEST_ID = 41
MEASURES: dict[str, tuple[str, str, str]] = {  # name: (metric, statistic, carrier)
    "curtailment_mwh": ("curtailment", "sum", ""),
    "coal_hours": ("full_load_hours", "sum", "coal"),
    "co2_t": ("co2", "sum", ""),
    "export_mwh": ("net_outflow", "sum", ""),
}
ABLATION_COLUMNS: tuple[str, ...] = ("commitment", "cost_cny", *MEASURES, "below_gap", "run")


@dataclass(frozen=True)
class Numbers:
    """Net cost, gross cost and gap of a run, and what is compared."""

    net: float
    gross: float
    gap: float
    measures: dict[str, float]

    @classmethod
    def of(cls, result: RunResult, manifest: Manifest) -> Numbers:
        """Read them off a stored run."""
        found = {
            name: result.value(metric, statistic=statistic, carrier=carrier)
            for name, (metric, statistic, carrier) in MEASURES.items()
        }
        gross = result.value("gross_system_cost", statistic="sum")
        return cls(manifest.objectives["net"], gross, manifest.gap or 0.0, found)


def ablate(
    scenario: Scenario,
    outcome: Outcome,
    *,
    results: Path,
    report: Report,
    commitments: Sequence[str] = (),
    scheduler: str | None = None,
) -> pd.DataFrame:
    """Solve a scenario without each of its commitments, one at a time.

    Parameters
    ----------
    outcome
        The stored run of the scenario.
    commitments
        Ids; by default all that put something into the model.

    Returns
    -------
    DataFrame
        `ABLATION_COLUMNS`: what the commitment changes, with it less without it [CNY, MWh, h, t, MWh]; `below_gap`
        lists the columns whose change is smaller than the certified gap allows to tell.

    Raises
    ------
    ScenarioError
        If an id is not one of the commitments in service.
    """
    verdicts = outcome.result.verdicts
    able = list(verdicts.loc[(verdicts["components"] > 0) | (verdicts["rows"] > 0), "commitment"])
    unknown = [name for name in commitments if name not in able]
    if unknown:
        where = Where(str(scenario.source_path), 0, "commitments")
        wanted = "a commitment in service"
        raise ScenarioError(
            [Finding("unknown-id", where, f"'{name}'", wanted, nearest(name, able)) for name in unknown]
        )
    with_it = Numbers.of(outcome.result, outcome.manifest)
    lines = []
    for name in commitments or able:
        other = run_scenario(without(scenario, name), results=results, force=False, report=report, scheduler=scheduler)
        lines.append(difference(name, with_it, Numbers.of(other.result, other.manifest)) | {"run": other.manifest.run})
    return pd.DataFrame(lines, columns=list(ABLATION_COLUMNS))


def without(scenario: Scenario, commitment: str) -> Scenario:
    """Return the scenario with one commitment left out."""
    tail = f"_wo_{commitment}"
    name = scenario.id[: max(1, LONGEST_ID - len(tail))] + tail
    return scenario.with_changes(id=name[:LONGEST_ID], commitments={commitment: {"active": False}})


def difference(commitment: str, with_it: Numbers, without_it: Numbers) -> dict[str, object]:
    """Return what a commitment changes, and which changes are within the gap.

    The gap is certified for cost; of any other measure the same share of its size is taken as the least that tells.
    """
    gap = max(with_it.gap, without_it.gap)
    changes = {"cost_cny": with_it.net - without_it.net}
    least = {"cost_cny": gap * max(with_it.gross, without_it.gross)}
    for name, value in with_it.measures.items():
        other = without_it.measures[name]
        changes[name], least[name] = value - other, gap * max(abs(value), abs(other))
    small = [name for name, change in changes.items() if abs(change) < least[name]]
    return {"commitment": commitment, **changes, "below_gap": ",".join(small)}
