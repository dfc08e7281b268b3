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
from xinzhou_energy.results.verdicts.price import earnings

BORDERS = {
    "rest_of_shanxi": ("山西其余地区", "rest of Shanxi"),
    "bth_existing": ("京津冀现有通道", "Beijing-Tianjin-Hebei, existing lines"),
    "corridor": ("京津冀新通道", "Beijing-Tianjin-Hebei, new corridor"),
    "hebei_south": ("河北南网", "Hebei South"),
}


@verdict("export_corridor")
def corridor(case: Case) -> Judged:
    """The study's case: benefit over cost, hours and clean share against the thresholds. [benefit over cost]

    Notes
    -----
    benefit = sum over hours of price paid x delivered - (price at the sending bus + charge) x sent; cost = annuity and
    fixed O&M of the corridor and its collector lines. Clean share of an hour: wind and solar in the city's generation.
    """
    network = case.network
    links, buyers = (table[table["commitment"] == case.commitment.id] for table in (network.links, network.generators))
    link = links.iloc[0]
    name, size = str(link.name), float(capacity(links).sum())
    sent = network.links_t.p0[name]
    bid = -network.get_switchable_as_dense("Generator", "marginal_cost")[buyers.index]
    paid = case.year.total(solved_power(network, buyers.index) * bid)
    worth = case.year.total((network.buses_t.marginal_price[link["bus0"]] + float(link["marginal_cost"])) * sent)
    lines = network.lines[network.lines["commitment"] == case.commitment.id]
    cost = size * float(link["capital_cost"]) + float((lines["s_nom"] * lines["capital_cost"]).sum())
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
    """Share of wind and solar in what is sent, each hour's mix being that of all plants. [per unit]"""
    network, power = case.network, case.year.power
    clean = power[variable_renewables(network)].sum(axis=1)
    total = power.sum(axis=1) + case.year.rivers
    share = (clean / total.where(total > 0)).fillna(0.0)
    energy = case.year.total(sent)
    return case.year.total(sent * share) / energy if energy > 0 else 0.0


@verdict("regional_cooperation")
def exchange(case: Case) -> Judged:
    """Net exchange with the neighbours by border, and the rent of the links between. [MWh]"""
    network = case.network
    sent = exports_sent(network)
    by_border = {str(name): case.year.total(sent[name]) for name in sent.columns if name}
    rent = earnings(case, "links", network.links.index[network.links["border"].astype(str) != ""])
    figures = [(f"exchange_{border}", value, "MWh") for border, value in by_border.items()]
    zh = "；".join(f"{BORDERS.get(name, (name,))[0]} {value / 1e5:,.1f} 亿千瓦时" for name, value in by_border.items())
    en = "; ".join(f"{BORDERS.get(name, (name,))[-1]} {value / 1e6:.1f} TWh" for name, value in by_border.items())
    figures.append(("border_rent", rent, "CNY"))
    return Judged(sum(by_border.values()), None, "MWh", None, note=(zh, en), figures=figures)


@verdict("growth")
def growth(case: Case) -> Judged:
    """Demand and peak that the scenario takes for the growth. [MWh]"""
    load = load_power(case.network).sum(axis=1)
    energy, peak = case.year.total(load), float(np.max(load.to_numpy()))
    shed = generators_of(case.network, "load_shedding")
    unserved = case.year.total(solved_power(case.network, shed.index))
    note = (f"最大负荷 {peak:,.0f} MW，缺电 {unserved:,.0f} MWh", f"peak {peak:,.0f} MW, unserved {unserved:,.0f} MWh")
    return Judged(energy, None, "MWh", None, note=note)
