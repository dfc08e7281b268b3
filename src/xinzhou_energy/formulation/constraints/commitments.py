"""Promises as constraints: what `binding: true` asks for, and what ties the two parts of an upgraded plant.

One rule per kind of promise in `BINDING`; each writes the rows of one commitment, with its id in them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pandas as pd
import pypsa

from xinzhou_energy.errors import Finding, FormulationError
from xinzhou_energy.formulation.rows import empty_rows
from xinzhou_energy.grid.commitments import Commitment
from xinzhou_energy.network.commitments import commitments_in, connection_ways, counted, new_capacity
from xinzhou_energy.network.siting import CARRIERS
from xinzhou_energy.scenario import Scenario
from xinzhou_energy.scenario.commitments import UPGRADE

MEGATONNE = 1e6
GIVEN_TOLERANCE = 1e-3  # sizes that an optimum left come with the solver's tolerance
Terms = dict[str, pd.Series]  # variable → coefficient by name; a variable in time takes the weight of each hour too
Written = list[pd.DataFrame] | None  # None: given sizes keep the promise already
Rule = Callable[[pypsa.Network, Commitment], Written]


def commitment_rows(network: pypsa.Network, scenario: Scenario) -> pd.DataFrame:
    """Write the rows of every commitment that is binding.

    Raises
    ------
    FormulationError
        If a commitment is binding and nothing in the scenario can be bound by it.
    """
    parts, findings = [], []
    for commitment in commitments_in(network).values():
        if not (commitment.binding and commitment.in_service):
            continue
        rule = BINDING.get(commitment.id) or BINDING.get(commitment.kind)
        found = rule(network, commitment) if rule is not None else []
        parts += found or []
        if found == []:
            findings.append(
                Finding(
                    "binds-nothing",
                    scenario.where(f"commitments.{commitment.id}.binding"),
                    f"nothing in the scenario that '{commitment.id}' could bind",
                    "an open size, or energy it limits",
                    "Delete 'binding', or give the scenario what the commitment is about.",
                )
            )
    if findings:
        raise FormulationError(findings)
    return pd.concat(parts, ignore_index=True) if parts else empty_rows()


def upgrade_rows(network: pypsa.Network, scenario: Scenario) -> pd.DataFrame:  # noqa: ARG001 - one signature for all kinds
    """Let the parts of a plant, upgraded and as it is, add up to the plant where their sizes are open. [MW]"""
    table = network.generators
    upgraded = table[(table["commitment"] == UPGRADE) & table["p_nom_extendable"].astype(bool)]
    parts = [
        row(
            f"upgrade_share {name}",
            "upgrade_share",
            "siting",
            {"Generator-p_nom": pd.Series(1.0, index=[unit["upgrade_of"], name])},
            "=",
            float(unit["p_nom_max"]),
        )
        for name, unit in upgraded.iterrows()
    ]
    return pd.concat(parts, ignore_index=True) if parts else empty_rows()


def capacity(network: pypsa.Network, commitment: Commitment) -> Written:
    """New capacity of a carrier, in a county or in all. [MW]

    Notes
    -----
    sum P (open) ≥ quantity - sum P (given).
    """
    return at_least(network, commitment, new_capacity(network, commitment))


def connection(network: pypsa.Network, commitment: Commitment) -> Written:
    """Wind and solar that count toward the commitment. [MW]"""
    mine = counted(network, commitment.id, "generators")
    return at_least(network, commitment, mine[mine["carrier"].isin(CARRIERS)])


def storage(network: pypsa.Network, commitment: Commitment) -> Written:
    """Storage power. [MW]"""
    return at_least(network, commitment, counted(network, commitment.id, "storage_units"))


def upgrade(network: pypsa.Network, commitment: Commitment) -> Written:
    """Upgraded share of all coal, where it is open. [MW]"""
    coal = network.generators[network.generators["carrier"] == "coal"]
    size = coal["p_nom"].where(~coal["p_nom_extendable"].astype(bool), 0.0).sum()
    size += coal.loc[coal["commitment"] == UPGRADE, "p_nom_max"].where(coal["p_nom_extendable"].astype(bool), 0.0).sum()
    mine = coal[coal["commitment"] == UPGRADE]
    return at_least(network, commitment, mine, (commitment.quantity or 0.0) / 100 * float(size))


def block_shares(network: pypsa.Network, commitment: Commitment) -> list[pd.DataFrame]:
    """Own use, self-supply and green shares of a block over the year. [MWh]

    Notes
    -----
    own use: sum export ≤ (1 - u) sum generation;  annual: sum generation ≥ a sum load;
    self-supply and hourly: sum import ≤ (1 - s) sum load, s the larger of both.
    """
    block = commitment.block
    if block is None:
        return []
    weight = network.snapshot_weightings["generators"]
    demand = float(weight.sum()) * block.load
    mine = network.generators[(network.generators["commitment"] == commitment.id)].index
    wanted, parts = commitment.thresholds, []
    sold, bought = (pd.Series(1.0, index=names) for names in connection_ways(network, commitment.id))
    if "own_use" in wanted and block.load > 0 and len(mine):
        terms = {"Link-p": sold, "Generator-p": pd.Series(wanted["own_use"] - 1, index=mine)}
        parts.append(yearly(network, commitment, "own_use", terms, "<=", 0.0))
    if "annual_share" in wanted and len(mine):
        terms = {"Generator-p": pd.Series(1.0, index=mine)}
        parts.append(yearly(network, commitment, "annual_share", terms, ">=", wanted["annual_share"] * demand))
    share = max(wanted.get("self_supply", 0.0), wanted.get("hourly_share", 0.0))
    if share > 0 and block.load > 0:
        parts.append(yearly(network, commitment, "self_supply", {"Link-p": bought}, "<=", (1 - share) * demand))
    return parts


def coal_burn(network: pypsa.Network, commitment: Commitment) -> list[pd.DataFrame]:
    """Coal burnt within the share of the supply that power plants may take. [t]"""
    table = network.generators
    burns = table.loc[table["coal_intensity"].fillna(0.0) > 0, "coal_intensity"]
    limit = (commitment.quantity or 0.0) * MEGATONNE * commitment.thresholds.get("burn_share", 1.0)
    return [yearly(network, commitment, "coal_burn", {"Generator-p": burns}, "<=", limit)]


def emissions(network: pypsa.Network, commitment: Commitment) -> list[pd.DataFrame]:
    """CO2 of all plants within a budget. [t]"""
    table = network.generators
    emits = table.loc[(table["co2_intensity"] > 0) & (table["sign"] > 0), "co2_intensity"]
    return [yearly(network, commitment, "co2", {"Generator-p": emits}, "<=", commitment.quantity or 0.0)]


def corridor_hours(network: pypsa.Network, commitment: Commitment) -> list[pd.DataFrame]:
    """Least energy over the corridor. [MWh]

    Notes
    -----
    sum p ≥ h P.
    """
    links = network.links[network.links["commitment"] == commitment.id]
    if links.empty or links["p_nom_extendable"].any():
        return []
    energy = commitment.thresholds["hours"] * float(links["p_nom"].sum())
    return [yearly(network, commitment, "hours", {"Link-p": pd.Series(1.0, index=links.index)}, ">=", energy)]


BINDING: Mapping[str, Rule] = {
    "wind_solar_connection": connection,
    "geothermal_biomass_storage": storage,
    "coal_upgrade": upgrade,
    "coal_supply": coal_burn,
    "export_corridor": corridor_hours,
    "power_system_sgls": block_shares,
    "capacity": capacity,
    "supply": block_shares,
    "account": emissions,
}


def at_least(
    network: pypsa.Network, commitment: Commitment, table: pd.DataFrame, wanted: float | None = None
) -> Written:
    """Ask for a sum of sizes: open ones make up what given ones leave."""
    is_open = table["p_nom_extendable"].astype(bool)
    given = float(table.loc[~is_open, "p_nom"].sum())
    names = table.index[is_open]
    target = (commitment.quantity or 0.0) if wanted is None else wanted
    if not len(names):
        return None if len(table) and given >= target * (1 - GIVEN_TOLERANCE) else []
    terms = {}
    for component, parent in (("Generator", network.generators), ("StorageUnit", network.storage_units)):
        mine = names[names.isin(parent.index)]
        if len(mine):
            terms[f"{component}-p_nom"] = pd.Series(1.0, index=mine)
    rows = row(f"commitment {commitment.id}", f"commitment {commitment.id}", "siting", terms, ">=", target - given)
    return [rows.assign(commitment=commitment.id)]


def yearly(
    network: pypsa.Network, commitment: Commitment, what: str, terms: Terms, sense: str, rhs: float
) -> pd.DataFrame:
    """Write one row over all hours, each with its weight."""
    name = f"commitment {commitment.id} {what}"
    return row(name, name, "dispatch", terms, sense, rhs, network).assign(commitment=commitment.id)


def row(
    name: str,
    origin: str,
    stage: str,
    terms: Terms,
    sense: str,
    rhs: float,
    network: pypsa.Network | None = None,
) -> pd.DataFrame:
    """Write one row; with a network, its terms stand for every hour."""
    parts = []
    for variable, coefficients in terms.items():
        part = pd.DataFrame({"name": coefficients.index, "coefficient": coefficients.to_numpy(dtype=float)})
        if network is not None:
            weight = network.snapshot_weightings["generators"]
            hours = pd.DataFrame({"snapshot": weight.index, "weight": weight.to_numpy()})
            part = part.merge(hours, how="cross")
            part["coefficient"] *= part.pop("weight")
        else:
            part["snapshot"] = pd.NaT
        parts.append(part.assign(variable=variable))
    return pd.concat(parts, ignore_index=True).assign(id=name, origin=origin, stage=stage, sense=sense, rhs=rhs)
