"""Promises of capacity: connection of the year, storage, the base year's fleet, and a planner's own."""

from __future__ import annotations

import pandas as pd

from xinzhou_energy.network.commitments import new_capacity
from xinzhou_energy.results.operation import capacity
from xinzhou_energy.results.verdicts.case import Case, Judged, reached, verdict

EXACT_MW = 0.05
EXACT_SHARE = 5e-5  # the report gives two digits of a percentage


@verdict("wind_solar_connection")
def connection(case: Case) -> Judged:
    """Wind and solar connected within the year: sited, and what counts toward it; each megawatt once. [MW]"""
    return at_least(case, case.size("generators", "onwind", "solar"))


@verdict("geothermal_biomass_storage")
def storage(case: Case) -> Judged:
    """Storage power beside what stands already. [MW]"""
    return at_least(case, case.size("storage_units"))


@verdict("capacity")
def own_capacity(case: Case) -> Judged:
    """New capacity of a carrier, in a county or in all. [MW]"""
    return at_least(case, float(capacity(new_capacity(case.network, case.commitment)).sum()))


@verdict("base_year")
def base_year(case: Case) -> Judged:
    """New and clean capacity that stands since 2025, which every scenario keeps. [MW]"""
    tables = [case.network.generators, case.network.storage_units]
    plants = pd.concat([table[table["kind"] == "plant"] for table in tables if len(table)])
    old = plants[~plants["is_new"].astype(bool)]
    size = capacity(old)
    clean = float(size[old["is_clean"].astype(bool)].sum())
    total, target = float(size.sum()), case.commitment.quantity or 0.0
    share = 100 * clean / total if total else 0.0
    wanted = case.commitment.thresholds.get("clean_share", share / 100)
    return Judged(
        clean,
        target,
        "MW",
        abs(clean - target) <= EXACT_MW and abs(share / 100 - wanted) <= EXACT_SHARE,
        note=(f"占 {total:,.1f} MW 的 {share:.2f} %", f"{share:.2f} % of {total:,.1f} MW"),
        figures=[("capacity_before_2026", total, "MW"), ("clean_share_before_2026", share, "%")],
    )


def at_least(case: Case, size: float) -> Judged:
    """Judge a size against the quantity."""
    target = case.commitment.quantity or 0.0
    return Judged(size, target, "MW", reached(size, target))
