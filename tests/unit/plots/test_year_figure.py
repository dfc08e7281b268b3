"""The figure of a year: what is drawn adds up to what the run stored, and only full years are drawn."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from matplotlib.collections import FillBetweenPolyCollection

from xinzhou_energy.errors import ResultError
from xinzhou_energy.plots import year_figure
from xinzhou_energy.results.run_result import METRIC_COLUMNS, SERIES_COLUMNS, RunResult

YEAR = pd.date_range("2026-01-01", periods=8760, freq="h")
LOAD, SENT, BTH, CHARGED = 1900.0, 3000.0, 800.0, 100.0
COAL, WIND = 4000.0, 1700.0  # 4,000 + 1,700 + 100 = 1,900 + 3,000 + 800 + 100
STORMY = slice("2026-04-20", "2026-04-26")


def result(hours=YEAR, *, unserved=0.0, storms=STORMY):
    curtailed = pd.Series(10.0, index=hours)
    curtailed.loc[storms] = 500.0
    blocks = [
        ("dispatch", "coal", "Hequ", "MW", COAL - unserved),
        ("dispatch", "onwind", "Hequ", "MW", WIND / 2),
        ("dispatch", "onwind", "Kelan", "MW", WIND / 2),
        ("dispatch", "PHS", "Fanshi", "MW", 100.0),
        ("dispatch", "biomass", "Hequ", "MW", 0.0),
        ("unserved", "", "Hequ", "MW", unserved),
        ("curtailment", "onwind", "Hequ", "MW", curtailed.to_numpy()),
        ("load", "", "Hequ", "MW", LOAD),
        ("storage_charge", "PHS", "Fanshi", "MW", CHARGED),
        ("export_sent", "", "rest_of_shanxi", "MW", SENT),
        ("export_sent", "", "bth_existing", "MW", BTH),
    ]
    parts = [
        pd.DataFrame(
            {
                "snapshot": hours,
                "metric": metric,
                "carrier": carrier,
                "location": location,
                "component": "",
                "unit": unit,
                "value": np.broadcast_to(value, len(hours)).astype(np.float32),
            }
        )
        for metric, carrier, location, unit, value in blocks
        if metric != "unserved" or unserved
    ]
    series = pd.concat(parts, ignore_index=True)[list(SERIES_COLUMNS)]
    categories = ["metric", "carrier", "location", "component", "unit"]
    return RunResult(
        "plan_2026", "0123456789ab", 2026, pd.DataFrame(columns=list(METRIC_COLUMNS)),
        series.astype(dict.fromkeys(categories, "category")), pd.DataFrame(),
    )  # fmt: skip


@pytest.fixture(scope="module")
def figure():
    return year_figure(result(), labels=["synthetic, calibrated"])


def bars(axes):
    return {group.get_label(): [bar.get_height() for bar in group] for group in axes.containers}


def areas(axes):
    return [drawn for drawn in axes.collections if isinstance(drawn, FillBetweenPolyCollection)]


def test_bars_of_a_carrier_add_up_to_its_energy_of_the_year(figure):
    months, _ = figure.axes
    drawn = bars(months)
    assert list(drawn) == ["Coal", "Wind", "Pumped storage", "Curtailed wind and solar"]
    assert {len(heights) for heights in drawn.values()} == {12}
    assert sum(drawn["Coal"]) == pytest.approx(COAL * 8760 / 1e6)
    assert sum(drawn["Wind"]) == pytest.approx(WIND * 8760 / 1e6)
    assert sum(drawn["Curtailed wind and solar"]) == pytest.approx((10 * 8760 + 490 * 168) / 1e6)
    assert drawn["Coal"][1] == pytest.approx(COAL * 28 * 24 / 1e6)  # February never has 29 days


def test_load_line_holds_the_energy_of_each_month(figure):
    months, _ = figure.axes
    assert sum(months.lines[0].get_ydata()) == pytest.approx(LOAD * 8760 / 1e6)


def test_week_has_one_area_per_supply_and_use_and_one_for_curtailment(figure):
    _, week = figure.axes
    supplies, curtailment, uses = 3, 1, 3
    assert len(areas(week)) == supplies + curtailment + uses
    assert max(area.get_datalim(week.transData).y1 for area in areas(week)) == pytest.approx(
        (COAL + WIND + 100 + 500) / 1e3
    )
    assert min(area.get_datalim(week.transData).y0 for area in areas(week)) == pytest.approx(
        -(SENT + BTH + CHARGED) / 1e3
    )


def test_unserved_load_gets_an_area_of_its_own():
    months, week = year_figure(result(unserved=200.0)).axes
    assert sum(bars(months)["Load shedding"]) == pytest.approx(200 * 8760 / 1e6)
    assert len(areas(week)) == 8


def test_week_drawn_is_the_spring_week_with_most_curtailment():
    _, week = year_figure(result(storms=slice("2026-05-25", "2026-05-31"))).axes
    assert "25 May to 31 May" in week.get_title(loc="left")
    _, week = year_figure(result(storms=slice("2026-06-01", "2026-08-31"))).axes
    assert "01 March" in week.get_title(loc="left")  # summer storms do not count: the first week of even ones


def test_labels_and_run_are_printed(figure):
    assert figure.get_supxlabel() == "run 0123456789ab; synthetic, calibrated"
    assert "plan_2026" in figure.get_suptitle()


def test_representative_weeks_are_refused():
    with pytest.raises(ResultError, match="672 hours"):
        year_figure(result(YEAR[:672], storms=slice("2026-01-01", "2026-01-02")))


def test_picture_is_1600_by_900_pixels_and_small(figure, tmp_path):
    out = tmp_path / "年.png"
    figure.savefig(out)
    width, height = (int.from_bytes(out.read_bytes()[at : at + 4], "big") for at in (16, 20))
    assert (width, height) == (1600, 900)
    assert out.stat().st_size < 300_000
