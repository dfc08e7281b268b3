"""A year on one sheet: energy by month, and the spring week in which most wind and solar is curtailed.

In: a `RunResult` of a full year. Out: a matplotlib figure of 1600 x 900 pixels, colours as in `carriers.csv`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch
from matplotlib.patheffects import Normal, Stroke

from xinzhou_energy.errors import Finding, ResultError, Where
from xinzhou_energy.grid.read import CHECKOUT, SHIPPED
from xinzhou_energy.grid.tables import read_tables
from xinzhou_energy.results import RunResult
from xinzhou_energy.units import HOURS_PER_YEAR

MW_PER_GW = 1e3
MWH_PER_TWH = 1e6
DAYS_PER_WEEK = 7
HOURS_PER_WEEK = 168
SPRING_DAYS = range(59, 151)  # 1 March to 31 May, counted from 0
WIDTH_IN, HEIGHT_IN, DOTS_PER_INCH = 12.8, 7.2, 125
NOTICEABLE_MW = 1e-3

# from the bottom of the stack: what must run, what the river and the weather give, storage
STACK = ("coal", "CBM", "biomass", "hydro", "onwind", "solar", "PHS", "battery", "load_shedding")
BORDERS = {
    "bth_existing": "Sent to Beijing-Tianjin-Hebei",
    "corridor": "Sent by the new corridor",
    "hebei_south": "Sent to Hebei South",
    "rest_of_shanxi": "Sent to the rest of Shanxi",
}
GREYS = {"bth_existing": "#777777", "corridor": "#999999", "hebei_south": "#AAAAAA", "rest_of_shanxi": "#CCCCCC"}
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
HATCH: dict[str, Any] = {"facecolor": "white", "edgecolor": "#C00000", "hatch": "////", "linewidth": 0.0}
HALO = [Stroke(linewidth=3.5, foreground="white"), Normal()]  # the load line is seen on dark coal too


@dataclass(frozen=True)
class Balance:
    """Hourly balance of the city, MW, (snapshot, carrier or border): supply = load + uses."""

    supply: pd.DataFrame
    uses: pd.DataFrame
    load: pd.Series
    curtailment: pd.Series


def year_figure(result: RunResult, *, labels: Sequence[str] = ()) -> Figure:
    """Draw a year: energy by month and carrier [TWh], and one spring week by the hour [GW].

    Parameters
    ----------
    result
        A run of 8,760 h.
    labels
        What must be read beside every number (`Manifest.labels`); printed below.

    Raises
    ------
    ResultError
        If the run is not a full year: representative weeks have no months.
    """
    balance = city_balance(result)
    style = carrier_style()
    figure = Figure(figsize=(WIDTH_IN, HEIGHT_IN), dpi=DOTS_PER_INCH, layout="constrained")
    above, below = figure.subplots(2, 1)
    draw_months(above, balance, style)
    draw_week(below, balance, style)
    figure.suptitle(f"Xinzhou, {result.scenario}", fontweight="bold")
    figure.supxlabel("; ".join([f"run {result.run}", *labels]), fontsize=8, color="#555555")
    return figure


def city_balance(result: RunResult) -> Balance:
    """Add the hourly series of a run up to the city.

    Raises
    ------
    ResultError
        If the run is not a full year.
    """
    load = result.hourly("load").sum(axis=1)
    if len(load) != HOURS_PER_YEAR:
        raise ResultError(
            Finding(
                "not-a-year",
                Where("series.parquet", 0, result.scenario),
                f"{len(load)} hours",
                f"{HOURS_PER_YEAR} hours",
                "Run a scenario with time.mode: full.",
            )
        )
    supply = summed(result, "dispatch", "carrier").assign(
        load_shedding=summed(result, "unserved", "carrier").sum(axis=1)
    )
    uses = summed(result, "export_sent", "location").join(summed(result, "storage_charge", "carrier"))
    uses["must_run_slack"] = summed(result, "must_run_slack", "carrier").sum(axis=1)
    order = [*(name for name in STACK if name in supply), *(name for name in supply if name not in STACK)]
    return Balance(
        noticeable(supply[order]), noticeable(uses), load, summed(result, "curtailment", "carrier").sum(axis=1)
    )


def summed(result: RunResult, metric: str, key: str) -> pd.DataFrame:
    """Return one series summed over everything but one key. [MW, (snapshot, key)]"""
    table = result.hourly(metric).astype(float)
    columns = table.columns.get_level_values(key)
    return pd.DataFrame(table.T.groupby(columns).sum().T, index=result.hourly("load").index).fillna(0.0)


def noticeable(table: pd.DataFrame) -> pd.DataFrame:
    """Leave out columns that stay at zero."""
    return table.loc[:, table.max() > NOTICEABLE_MW]


def carrier_style() -> Mapping[str, tuple[str, str]]:
    """Return the name to print and the colour of each carrier, from `carriers.csv`."""
    root = CHECKOUT if (CHECKOUT / "data" / "grid" / "schema").is_dir() else SHIPPED
    carriers = read_tables(root / "data" / "grid")["carriers"]
    return {str(name): (str(row["nice_name"]), str(row["color"])) for name, row in carriers.iterrows()}


def draw_months(axes: Axes, balance: Balance, style: Mapping[str, tuple[str, str]]) -> None:
    """Stack the energy of each month by carrier, curtailment hatched on top, load as a line. [TWh]"""
    month = pd.DatetimeIndex(balance.load.index).month
    supply = balance.supply.groupby(month).sum() / MWH_PER_TWH
    places = np.arange(len(supply))
    bottom = np.zeros(len(supply))
    for carrier in supply:
        height = supply[carrier].to_numpy()
        name, colour = style[str(carrier)]
        axes.bar(places, height, bottom=bottom, width=0.75, color=colour, label=name)
        bottom += height
    lost = (balance.curtailment.groupby(month).sum() / MWH_PER_TWH).to_numpy()
    axes.bar(places, lost, bottom=bottom, width=0.75, label="Curtailed wind and solar", **HATCH)
    load = (balance.load.groupby(month).sum() / MWH_PER_TWH).to_numpy()
    (line,) = axes.plot(places, load, color="black", marker="o", markersize=4, linewidth=1.5, label="Load of the city")
    line.set_path_effects(HALO)
    axes.set_xticks(places, MONTHS)
    axes.set_xlim(-0.6, len(supply) - 0.4)
    axes.set_ylabel("Energy per month (TWh)")
    total, year_lost = balance.supply.to_numpy().sum() / MWH_PER_TWH, lost.sum()
    axes.set_title(
        f"Year: {total:.1f} TWh supplied, {load.sum():.1f} TWh load, {year_lost:.2f} TWh curtailed; "
        "what is above the load line is sent out or stored",
        fontsize=10,
        loc="left",
    )
    legend(axes)


def draw_week(axes: Axes, balance: Balance, style: Mapping[str, tuple[str, str]]) -> None:
    """Stack one week by the hour: supply and curtailment above zero, exports and charging below. [GW]"""
    hours = spring_week(balance.curtailment)
    when = pd.DatetimeIndex(balance.load.index[hours])
    hour = np.arange(len(when))
    supply = balance.supply.iloc[hours] / MW_PER_GW
    uses = balance.uses.iloc[hours] / MW_PER_GW
    colours = [style[str(carrier)][1] for carrier in supply]
    axes.stackplot(hour, supply.to_numpy().T, colors=colours, linewidth=0)
    top = supply.sum(axis=1).to_numpy()
    lost = balance.curtailment.iloc[hours].to_numpy() / MW_PER_GW
    axes.fill_between(hour, top, top + lost, **HATCH)
    axes.stackplot(hour, -uses.to_numpy().T, colors=[use_style(str(use), style)[1] for use in uses], linewidth=0)
    (line,) = axes.plot(hour, balance.load.iloc[hours].to_numpy() / MW_PER_GW, color="black", linewidth=1.5)
    line.set_path_effects(HALO)
    axes.axhline(0, color="black", linewidth=0.8)
    axes.set_xlim(0, hour[-1])
    axes.set_xticks(hour[::24], [f"{day:%d %b}" for day in when[::24]])
    axes.set_ylabel("Power (GW)")
    axes.set_title(
        f"The spring week with most curtailment, {when[0]:%d %B} to {when[-1]:%d %B}, by the hour",
        fontsize=10,
        loc="left",
    )
    legend(axes, [Patch(color=use_style(str(use), style)[1], label=use_style(str(use), style)[0]) for use in uses])


def spring_week(curtailment: pd.Series) -> slice:
    """Return the hours of the seven days of March to May with most curtailment."""
    daily = curtailment.to_numpy().reshape(-1, 24).sum(axis=1)
    sums = np.convolve(daily, np.ones(DAYS_PER_WEEK), mode="valid")
    starts = np.array(SPRING_DAYS[: -DAYS_PER_WEEK + 1])
    start = int(starts[sums[starts].argmax()]) * 24
    return slice(start, start + HOURS_PER_WEEK)


def use_style(use: str, style: Mapping[str, tuple[str, str]]) -> tuple[str, str]:
    """Return name and colour of an export or of what charges."""
    if use in BORDERS:
        return BORDERS[use], GREYS[use]
    name, colour = style[use]
    return (name if use == "must_run_slack" else f"{name}, charging"), colour


def legend(axes: Axes, handles: Sequence[Patch] | None = None) -> None:
    """Put the legend to the right of the panel, in the order of the stack from the top."""
    place: dict[str, Any] = {"loc": "center left", "bbox_to_anchor": (1.0, 0.5), "frameon": False, "fontsize": 9}
    if handles is None:
        axes.legend(reverse=True, **place)
    else:
        axes.legend(handles=list(handles), **place)
