"""CO2 and coal."""

from __future__ import annotations

import pandas as pd
import pypsa

from xinzhou_energy.results.measure import by_group, measured, ratio
from xinzhou_energy.results.operation import energy_weight, generators_of, solved_power, weighted_sum
from xinzhou_energy.results.registry import metric

MWH_PER_TCE = 8.141  # t of standard coal: 29,307 kJ/kg (GB/T 2589-2020)
GRAM_PER_KWH = 1000.0  # t/MWh → g/kWh


@metric({"co2": "t", "co2_intensity": "t/MWh"})
def co2(network: pypsa.Network) -> pd.DataFrame:
    """CO2 of the city's plants, and per MWh they generate; of '' over plants with a fuel. [t, t/MWh]"""
    plants = generators_of(network, "plant")
    plants = plants[plants["co2_intensity"] > 0]
    energy = weighted_sum(solved_power(network, plants.index), energy_weight(network))
    grouped = by_group(pd.DataFrame({"energy": energy, "co2": energy * plants["co2_intensity"]}), plants)
    intensity = ratio(grouped["co2"], grouped["energy"])
    return pd.concat(
        [
            measured(grouped, "co2", "co2", statistic="sum"),
            measured(grouped, "co2_intensity", intensity, statistic="mean"),
        ]
    )


@metric({"standard_coal": "t", "coal_rate": "g/kWh"})
def standard_coal(network: pypsa.Network) -> pd.DataFrame:
    """Coal burnt, in tonnes of standard coal (标准煤), and net coal use per kWh (供电煤耗). [t, g/kWh]

    Notes
    -----
    B = Σ_t w_t p_t / η / 8.141 MWh/t; the network knows net output, so this is net of the plants' own use.
    """
    plants = generators_of(network, "plant")
    plants = plants[plants["carrier"] == "coal"]
    energy = weighted_sum(solved_power(network, plants.index), energy_weight(network))
    grouped = by_group(pd.DataFrame({"energy": energy, "coal": energy / plants["efficiency"] / MWH_PER_TCE}), plants)
    rate = GRAM_PER_KWH * ratio(grouped["coal"], grouped["energy"])
    return pd.concat(
        [
            measured(grouped, "standard_coal", "coal", statistic="sum"),
            measured(grouped, "coal_rate", rate, statistic="mean"),
        ]
    )
