"""Promises behind one connection: wind-solar bases, green-power parks, source-grid-load-storage blocks."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from xinzhou_energy.grid.commitments import BlockSize, Commitment
from xinzhou_energy.network.commitments import connection_ways
from xinzhou_energy.results.operation import available_power, generators_of, solved_power
from xinzhou_energy.results.verdicts.case import Case, Judged, Year, reached, verdict

AT_LIMIT = 1e-6  # of the connection
PERCENT = 100.0
SHARES = {  # threshold: (Chinese, English)
    "own_use": ("自用率", "own use"),
    "self_supply": ("自供率", "self-supply"),
    "annual_share": ("年度绿电占比", "green share of the year"),
    "hourly_share": ("逐时绿电占比", "hourly green share"),
}


@dataclass(frozen=True)
class BlockYear:
    """Hours of a block. [MW, (snapshot,)] `sold`, `bought` are net: what goes out and in at once cancels."""

    year: Year
    generation: pd.Series
    available: pd.Series
    load: pd.Series
    sold: pd.Series
    bought: pd.Series
    shed: pd.Series
    held: pd.Series  # bool: generation held back while the connection is full

    def shares(self) -> dict[str, float]:
        """Own use, self-supply, annual and hourly green share; those without a load or a generation are left out.

        Notes
        -----
        own use = 1 - sold / generation; hourly = self-supply = 1 - (bought + cut) / load, as every megawatt hour that
        is neither bought nor cut comes from the block's own output in its hour or through its storage; annual =
        generation / load.
        """
        total = self.year.total
        made, used = total(self.generation), total(self.load)
        found: dict[str, float] = {}
        if used > 0:
            matched = 1 - (total(self.bought) + total(self.shed)) / used
            found |= {"self_supply": matched, "hourly_share": matched, "annual_share": made / used}
        if made > 0:
            found["own_use"] = 1 - total(self.sold) / made
        return found


def block_year(year: Year, commitment: Commitment, block: BlockSize) -> BlockYear:
    """Read the hours of a block off a solved network."""
    network, name = year.network, commitment.id
    plants = network.generators.index[(network.generators["bus"] == name) & (network.generators["kind"] == "plant")]
    shedding = network.generators.index[
        (network.generators["bus"] == name) & (network.generators["kind"] == "load_shedding")
    ]
    zero = pd.Series(0.0, index=network.snapshots)
    generation = year.power[plants].sum(axis=1) if len(plants) else zero
    available = available_power(network, plants).sum(axis=1) if len(plants) else zero
    load = network.loads_t.p_set[network.loads.index[network.loads["bus"] == name]].sum(axis=1)
    sold, bought = (network.links_t.p0[names].sum(axis=1) for names in connection_ways(network, name))
    flow = sold - bought
    full = flow >= block.export_limit * (1 - AT_LIMIT) if block.export_limit > 0 else zero == 0
    return BlockYear(
        year=year,
        generation=generation,
        available=available,
        load=load,
        sold=flow.clip(lower=0.0),
        bought=(-flow).clip(lower=0.0),
        shed=solved_power(network, shedding).sum(axis=1),
        held=full & (available - generation > AT_LIMIT * max(1.0, block.generation)),
    )


def figures_of(case: Case, hours: BlockYear) -> list[tuple[str, float, str]]:
    """Return what a block's page shows."""
    total = case.year.total
    made = total(hours.generation)
    shares = [(f"block_{name}", PERCENT * value, "%") for name, value in hours.shares().items()]
    bought = total(hours.bought)
    peak = float(max(hours.sold.max(), hours.bought.max()))
    unmatched = total(hours.bought > 1e-3)
    return [
        ("block_generation", made, "MWh"),
        ("block_curtailment", total(hours.available) - made, "MWh"),
        ("block_load", total(hours.load), "MWh"),
        ("block_sold", total(hours.sold), "MWh"),
        ("block_bought", bought, "MWh"),
        ("block_bought_co2", bought * case.year.co2_intensity, "t"),
        ("block_peak_exchange", peak, "MW"),
        ("block_limit_hours", total(hours.held), "h"),
        ("block_unmatched_hours", unmatched, "h"),
        *shares,
    ]


@verdict("base_ningwu", "base_yuanping", "project")
def base(case: Case) -> Judged:
    """Stated size in service, and its connection holds it back in no more than the stated hours. [MW]"""
    block = case.commitment.block
    if block is None:
        return plant(case)
    size, target = case.size("generators", "onwind", "solar"), case.commitment.quantity or block.generation
    hours = block_year(case.year, case.commitment, block)
    held = case.year.total(hours.held)
    most = case.commitment.thresholds.get("limit_hours", np.inf)
    return Judged(
        size,
        target,
        "MW",
        reached(size, target) and held <= most,
        note=(f"接入受限 {held:,.0f} 小时，上限 {most:,.0f}", f"held back in {held:,.0f} h, at most {most:,.0f}"),
        figures=figures_of(case, hours),
    )


@verdict("power_system_sgls", "green_park_yuanping", "green_park_wutai", "supply")
def block(case: Case) -> Judged:
    """Connection kept in every hour and the shares reached; the share that is tightest stands for all. [%]"""
    size = case.commitment.block
    if size is None:
        return Judged(None, None, "", None)
    hours = block_year(case.year, case.commitment, size)
    shares, wanted = hours.shares(), case.commitment.thresholds
    asked = [name for name in SHARES if name in wanted and name in shares]
    impossible = any(name in wanted and wanted[name] > 0 and name not in shares for name in SHARES)
    beyond = max((hours.sold - size.export_limit).max(), (hours.bought - size.import_limit).max())
    built, promised = case.size("generators", "onwind", "solar"), case.commitment.quantity
    sound = float(beyond) <= AT_LIMIT * max(1.0, size.generation)
    sound &= not impossible and (promised is None or reached(built, promised))
    if not asked:
        return Judged(None, None, "", sound, figures=figures_of(case, hours))
    tightest = min(asked, key=lambda name: shares[name] - wanted[name])
    kept = sound and all(reached(shares[name], wanted[name]) for name in asked)
    volume = ("", "")
    if promised is not None:
        volume = (
            f"风光 {built:,.0f} MW（≥ {promised:,.0f}）；",
            f"wind and solar {built:,.0f} MW (≥ {promised:,.0f}); ",
        )
    texts = [
        volume[0] + "；".join(f"{SHARES[name][0]} {shares[name]:.1%}（≥ {wanted[name]:.0%}）" for name in asked),
        volume[1] + "; ".join(f"{SHARES[name][1]} {shares[name]:.1%} (≥ {wanted[name]:.0%})" for name in asked),
    ]
    return Judged(
        PERCENT * shares[tightest],
        PERCENT * wanted[tightest],
        "%",
        kept,
        note=(texts[0], texts[1]),
        figures=figures_of(case, hours),
    )


def plant(case: Case) -> Judged:
    """Judge a project that is a plant: its size in service. [MW]"""
    size, target = case.size("generators") + case.size("storage_units"), case.commitment.quantity
    return Judged(size, target, "MW", size > 0 if target is None else reached(size, target))


@verdict("load")
def load(case: Case) -> Judged:
    """Load connected, and served without a cut. [MW]"""
    loads = case.mine("loads")
    power = case.network.loads_t.p_set[loads.index].sum(axis=1)
    shed = generators_of(case.network, "load_shedding")
    cut = solved_power(case.network, shed.index[shed["bus"].isin(loads["bus"])])
    unserved = case.year.total(cut)
    mean, target = float(power.mean()), case.commitment.quantity or 0.0
    note = (f"缺电 {unserved:,.0f} MWh", f"unserved {unserved:,.0f} MWh")
    return Judged(mean, target, "MW", reached(mean, target) and unserved <= 1.0, note=note)
