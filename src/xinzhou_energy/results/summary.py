"""The headline of a run: some twenty numbers with their names in both languages."""

from __future__ import annotations

import pandas as pd

from xinzhou_energy.errors import ResultError
from xinzhou_energy.results.run_result import RunResult

# id, Chinese, English, metric, statistic, carrier, location
HEADLINES: tuple[tuple[str, str, str, str, str, str, str], ...] = (
    ("capacity", "装机总容量", "installed capacity", "capacity", "sum", "", ""),
    ("capacity_new", "新增装机", "new capacity", "capacity_new", "sum", "", ""),
    ("clean_share", "新能源和清洁能源装机占比", "new and clean share of capacity", "clean_share", "mean", "", ""),
    ("generation", "发电量", "generation", "generation", "sum", "", ""),
    ("generation_onwind", "风电发电量", "wind generation", "generation", "sum", "onwind", ""),
    ("generation_solar", "光伏发电量", "solar generation", "generation", "sum", "solar", ""),
    ("load", "全市用电量", "load of the city", "load", "sum", "", ""),
    ("net_outflow", "净外送电量", "net outflow", "net_outflow", "sum", "", ""),
    (
        "export_bth",
        "送京津冀（现有通道）",
        "to Beijing-Tianjin-Hebei, existing lines",
        "export_sent",
        "sum",
        "",
        "bth_existing",
    ),
    (
        "export_corridor",
        "送京津冀（新通道）",
        "to Beijing-Tianjin-Hebei, new corridor",
        "export_sent",
        "sum",
        "",
        "corridor",
    ),
    ("peak_outflow", "最大外送功率", "peak outflow", "peak_outflow", "max", "", ""),
    ("utilisation", "新能源利用率", "wind and solar utilisation", "utilisation", "mean", "", ""),
    ("curtailment", "弃风弃光电量", "curtailed energy", "curtailment", "sum", "", ""),
    ("renewable_hours", "风光利用小时", "wind and solar hours after curtailment", "renewable_hours", "sum", "", ""),
    ("coal_hours", "煤电利用小时", "coal full-load hours", "full_load_hours", "sum", "coal", ""),
    ("storage_hours", "抽蓄发电小时", "pumped storage hours", "storage_hours", "sum", "PHS", ""),
    ("price", "平均节点电价", "mean price at the city", "price", "mean", "", ""),
    (
        "price_hours_below_50",
        "低价小时（<50元/兆瓦时）",
        "hours below 50 CNY/MWh",
        "price_hours_below_50",
        "sum",
        "",
        "",
    ),
    ("capture_onwind", "风电捕获电价", "capture price of wind", "capture_price", "mean", "onwind", ""),
    ("capture_solar", "光伏捕获电价", "capture price of solar", "capture_price", "mean", "solar", ""),
    (
        "gross_system_cost",
        "系统总成本（未减外送收入）",
        "gross system cost (before export revenue)",
        "gross_system_cost",
        "sum",
        "",
        "",
    ),
    ("net_system_cost", "系统净成本", "net system cost", "net_system_cost", "sum", "", ""),
    ("co2", "二氧化碳排放", "CO2 emissions", "co2", "sum", "", ""),
    ("winter_margin", "冬季晚高峰容量裕度", "winter evening capacity margin", "winter_evening_margin", "min", "", ""),
    ("unserved_energy", "缺电量", "unserved energy", "unserved_energy", "sum", "", ""),
)


def summary_table(result: RunResult) -> pd.DataFrame:
    """Return the headline numbers of a run, in base units; what the run does not have (no corridor) is left out.

    Returns
    -------
    DataFrame
        `id, zh, en, value, unit`, in the order to print.
    """
    units = result.metrics.drop_duplicates("metric").set_index("metric")["unit"]
    lines = []
    for name, zh, en, metric, statistic, carrier, location in HEADLINES:
        try:
            value = result.value(metric, statistic=statistic, carrier=carrier, location=location)
        except ResultError:
            continue
        lines.append((name, zh, en, value, units[metric]))
    return pd.DataFrame(lines, columns=["id", "zh", "en", "value", "unit"])
