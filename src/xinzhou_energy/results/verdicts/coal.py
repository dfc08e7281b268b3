"""Promises about coal: the two projects, the upgrade, supply and output, and CO2 budgets."""

from __future__ import annotations

import pandas as pd

from xinzhou_energy.results.operation import WINTER, available_power, capacity, coal_plants, generators_of
from xinzhou_energy.results.verdicts.case import Case, Judged, reached, verdict
from xinzhou_energy.scenario.commitments import UPGRADE

MEGATONNE = 1e6


@verdict("coal_guangyu_3", "coal_baode")
def project(case: Case) -> Judged:
    """An approval is a dated fact no model can compute; the project's hours, emissions and cost are. [MW]"""
    plants = case.mine("generators")
    size = float(capacity(plants).sum())
    hours = case.year.total(case.year.power[plants.index]) / size if size > 0 else 0.0
    emitted = case.year.amount(plants, "co2_intensity")
    winter = pd.DatetimeIndex(case.network.snapshots).month.isin(WINTER)
    firm = float(available_power(case.network, plants.index).sum(axis=1)[winter].min()) if winter.any() else 0.0
    return Judged(
        size,
        case.commitment.quantity,
        "MW",
        None,
        note=(f"核准为事实追踪；利用 {hours:,.0f} 小时", f"the approval is tracked; {hours:,.0f} full-load hours"),
        figures=[
            ("project_full_load_hours", hours, "h"),
            ("project_co2", emitted, "t"),
            ("project_winter_capacity", firm, "MW"),
        ],
    )


@verdict("coal_upgrade")
def upgrade(case: Case) -> Judged:
    """Share of coal capacity whose minimum load, where no heat binds it, is at or below the threshold. [%]"""
    coal = coal_plants(case.network)
    size, least = capacity(coal), minimum_load(case, coal)
    wanted = case.commitment.thresholds.get("minimum_load", 0.3)
    flexible = size[least <= wanted + 1e-9].sum()
    share, target = 100 * float(flexible / size.sum()), case.commitment.quantity or 0.0
    mine = coal[coal["commitment"] == UPGRADE]
    cost = float((capacity(mine) * mine["capital_cost"]).sum())
    note = (f"最小出力不高于 {wanted:.0%}", f"minimum load at or below {wanted:.0%}")
    return Judged(share, target, "%", reached(share, target), note=note, figures=[("upgrade_annuity", cost, "CNY")])


def minimum_load(case: Case, coal: pd.DataFrame) -> pd.Series:
    """Minimum load of what is online, in the hour in which it is lowest. [per unit, (generator,)]"""
    low = case.network.get_switchable_as_dense("Generator", "p_min_pu")[coal.index]
    high = case.network.get_switchable_as_dense("Generator", "p_max_pu")[coal.index]
    ratio: pd.Series = (low / high.where(high > 0)).min()
    return ratio


def burnt(case: Case) -> float:
    """Coal burnt by the city's plants. [Mt]"""
    plants = case.network.generators
    burns = plants[plants["coal_intensity"].fillna(0.0) > 0]
    return case.year.amount(burns, "coal_intensity") / MEGATONNE


@verdict("coal_supply")
def supply(case: Case) -> Judged:
    """Coal burnt within the share of the supply that power plants may take; the mines are a dated fact. [Mt]"""
    limit = (case.commitment.quantity or 0.0) * case.commitment.thresholds.get("burn_share", 1.0)
    burn = burnt(case)
    note = ("新建矿井为事实追踪", "the new mines are a dated fact, tracked")
    return Judged(
        burn, limit, "Mt", reached(limit, burn), at_most=True, note=note, figures=[("coal_burnt", burn, "Mt")]
    )


@verdict("coal_output")
def output(case: Case) -> Judged:
    """Coal burnt as a share of the raw coal mined. [Mt]"""
    burn, mined = burnt(case), case.commitment.quantity or 0.0
    share = 100 * burn / mined if mined else 0.0
    return Judged(
        burn,
        mined,
        "Mt",
        burn < mined,
        at_most=True,
        note=(f"发电耗煤占产量 {share:.1f} %", f"power burns {share:.1f} % of the output"),
        figures=[("coal_burnt_share", share, "%")],
    )


@verdict("account")
def emissions(case: Case) -> Judged:
    """CO2 of all plants against a budget of the planner's own. [t]"""
    total, budget = case.year.amount(generators_of(case.network, "plant"), "co2_intensity"), case.commitment.quantity
    return Judged(total, budget, "t", None if budget is None else reached(budget, total), at_most=True)
