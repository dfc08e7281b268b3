"""Promises about the neighbours and the economy: corridor, regional exchange, growth."""

from __future__ import annotations

import numpy as np
import pandas as pd

from xinzhou_energy.results.operation import (
    capacity,
    exports_sent,
    generators_of,
    load_power,
    solved_power,
    variable_renewables,
)
from xinzhou_energy.results.verdicts.case import Case, Judged, reached, verdict


@verdict("export_corridor")
def corridor(case: Case) -> Judged:
    """The study's case: benefit over cost, hours and clean share against the thresholds. [benefit over cost]

    Notes
    -----
    benefit = sum over hours of price paid x delivered - (price at the sending bus + charge) x sent; cost = annuity and
    fixed O&M of the corridor, collectors apart. Clean share of an hour: wind, solar and hydro in the city's generation.
    """
    network = case.network
    links, buyers = (table[table["commitment"] == case.commitment.id] for table in (network.links, network.generators))
    link = links.iloc[0]
    name, size = str(link.name), float(capacity(links).sum())
    sent = network.links_t.p0[name]
    bid = -network.get_switchable_as_dense("Generator", "marginal_cost")[buyers.index]
    paid = case.year.total(solved_power(network, buyers.index) * bid)
    worth = case.year.total((network.buses_t.marginal_price[link["bus0"]] + float(link["marginal_cost"])) * sent)
    cost = size * float(link["capital_cost"])
    ratio = (paid - worth) / cost if cost > 0 else 0.0
    hours = case.year.total(sent) / size if size > 0 else 0.0
    clean = clean_share(case, sent)
    wanted = case.commitment.thresholds
    kept = (
        reached(ratio, wanted["benefit_cost"])
        and reached(hours, wanted["hours"])
        and reached(clean, wanted["clean_share"])
    )
    limits = f"≥ {wanted['hours']:,.0f}", f"≥ {wanted['clean_share']:.0%}"
    return Judged(
        ratio,
        wanted["benefit_cost"],
        "per unit",
        kept,
        note=(
            f"利用 {hours:,.0f} 小时（{limits[0]}），清洁占比 {clean:.0%}（{limits[1]}）",
            f"{hours:,.0f} h ({limits[0]}), clean share {clean:.0%} ({limits[1]})",
        ),
        figures=[
            ("corridor_hours", hours, "h"),
            ("corridor_clean_share", 100 * clean, "%"),
            ("corridor_benefit", paid - worth, "CNY"),
            ("corridor_annuity", cost, "CNY"),
        ],
    )


def clean_share(case: Case, sent: pd.Series) -> float:
    """Share of wind, solar and hydro in what is sent, each hour's mix being that of all plants. [per unit]"""
    network, power = case.network, case.year.power
    clean = power[variable_renewables(network)].sum(axis=1)
    total = power.sum(axis=1)
    if len(network.storage_units):
        rivers = network.storage_units.index[network.storage_units["carrier"] == "hydro"]
        water = network.storage_units_t.p[rivers].sum(axis=1)
        clean, total = clean + water, total + water
    share = (clean / total.where(total > 0)).fillna(0.0)
    energy = case.year.total(sent)
    return case.year.total(sent * share) / energy if energy > 0 else 0.0


@verdict("regional_cooperation")
def exchange(case: Case) -> Judged:
    """Net exchange with the neighbours by border, and the rent of the links between. [MWh]"""
    network = case.network
    sent = exports_sent(network)
    by_border = {str(name): case.year.total(sent[name]) for name in sent.columns if name}
    links = network.links[network.links["border"].astype(str) != ""]
    price = network.buses_t.marginal_price
    rent = 0.0
    for name, link in links.iterrows():
        flow = network.links_t
        rent += case.year.total(-flow.p1[name] * price[link["bus1"]] - flow.p0[name] * price[link["bus0"]])
    figures = [(f"exchange_{border}", value, "MWh") for border, value in by_border.items()]
    note = "; ".join(f"{border} {value / 1e6:.1f} TWh" for border, value in by_border.items())
    figures.append(("border_rent", rent, "CNY"))
    return Judged(sum(by_border.values()), None, "MWh", None, note=(note, note), figures=figures)


@verdict("growth")
def growth(case: Case) -> Judged:
    """Demand and peak that the scenario takes for the growth. [MWh]"""
    load = load_power(case.network).sum(axis=1)
    energy, peak = case.year.total(load), float(np.max(load.to_numpy()))
    shed = generators_of(case.network, "load_shedding")
    unserved = case.year.total(solved_power(case.network, shed.index))
    note = (f"最大负荷 {peak:,.0f} MW，缺电 {unserved:,.0f} MWh", f"peak {peak:,.0f} MW, unserved {unserved:,.0f} MWh")
    return Judged(energy, None, "MWh", None, note=note)
