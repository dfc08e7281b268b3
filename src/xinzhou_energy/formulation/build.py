"""From a network and a scenario to a model with our rows, in declared order."""

from __future__ import annotations

import linopy
import pandas as pd
import pypsa

from xinzhou_energy.errors import Finding, FormulationError, InfeasibleError
from xinzhou_energy.formulation.constraints import CONSTRAINTS
from xinzhou_energy.formulation.rows import apply_rows, as_rows, empty_rows
from xinzhou_energy.network.commitments import commitments_in, owned
from xinzhou_energy.network.siting import SITED
from xinzhou_energy.network.sizes import is_open, open_sizes
from xinzhou_energy.scenario import Scenario

NEEDS = {
    "wind_solar_connection": "Add 'siting', or write 'active: false'.",
    "export_corridor": "Choose corridor.option ac, dc or own, or write 'active: false'.",
    "geothermal_biomass_storage": "Add 'batteries', or write 'active: false'.",
}


def build_rows(network: pypsa.Network, scenario: Scenario) -> pd.DataFrame:
    """Write every row of ours as a table (columns: `ROW_COLUMNS`).

    Raises
    ------
    InfeasibleError
        If a row on capacities cannot be met within their bounds.
    """
    parts = [constraint(network, scenario) for constraint in CONSTRAINTS.values()]
    filled = [part for part in parts if not part.empty]
    rows = as_rows(pd.concat(filled, ignore_index=True)) if filled else empty_rows()
    check_within_bounds(network, scenario, rows[rows["stage"] == "siting"])
    check_commitments(network, scenario, rows)
    return rows


def formulate(network: pypsa.Network, rows: pd.DataFrame) -> linopy.Model:
    """Create PyPSA's model of a network and add the rows whose variables it has.

    A network with fixed capacities takes the rows of stage `dispatch`, one with free capacities all of them.
    """
    model = network.optimize.create_model(include_objective_constant=False)
    apply_rows(model, rows if is_open(network) else rows[rows["stage"] == "dispatch"])
    return model


def check_within_bounds(network: pypsa.Network, scenario: Scenario, rows: pd.DataFrame) -> None:
    """Refuse capacity rows that no choice within the bounds can meet, and say by how much they miss."""
    bounds = open_sizes(network)
    findings = []
    for name, row in rows.groupby("id"):
        terms = bounds.loc[row["name"]].to_numpy()
        low, high = (row["coefficient"].to_numpy()[:, None] * terms).sum(axis=0)
        sense, rhs, owner = row["sense"].iloc[0], float(row["rhs"].iloc[0]), row["commitment"].iloc[0]
        if (sense in {"=", ">="} and high < rhs - 1e-6) or (sense in {"=", "<="} and low > rhs + 1e-6):
            findings.append(
                Finding(
                    "infeasible",
                    scenario.where("siting" if owner in {"", SITED} else f"commitments.{owner}"),
                    f"{name}: {rhs:,.1f} MW wanted, {low:,.1f} to {high:,.1f} MW possible within its limits",
                    f"a size between {low:,.1f} and {high:,.1f} MW",
                    "Change the size wanted, or raise the limits (for siting: siting.p_nom_max of some counties).",
                )
            )
    if findings:
        raise InfeasibleError(findings)


def check_commitments(network: pypsa.Network, scenario: Scenario, rows: pd.DataFrame) -> None:
    """Refuse a commitment that the scenario asks for and that adds neither component nor row: it would do nothing.

    Facts and accounts are measured on what is there.
    """
    findings = []
    commitments = commitments_in(network)
    served = {each.counts_toward for each in commitments.values() if each.in_service}
    for commitment in commitments.values():
        idle = (
            commitment.id not in served
            and not owned(network, commitment.id)
            and not (rows["commitment"] == commitment.id).any()
        )
        asked = commitment.id in scenario.commitments and commitment.in_service
        if asked and idle and not commitment.only_measured:
            findings.append(
                Finding(
                    "does-nothing",
                    scenario.where(f"commitments.{commitment.id}"),
                    f"'{commitment.id}' adds nothing to the model",
                    "at least one component or constraint",
                    NEEDS.get(commitment.id, "This promise is not modelled yet: delete it, or write 'active: false'."),
                )
            )
    if findings:
        raise FormulationError(findings)
