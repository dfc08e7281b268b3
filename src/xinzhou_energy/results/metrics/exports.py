"""What leaves the city, by border."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pypsa

from xinzhou_energy.results.measure import labelled, single
from xinzhou_energy.results.operation import (
    MIDDAY,
    SPRING,
    energy_weight,
    exports_delivered,
    exports_sent,
    in_hours,
    weighted_sum,
)
from xinzhou_energy.results.registry import metric


@metric({"export_sent": "MWh", "export_delivered": "MWh", "export_losses": "MWh"})
def exports(network: pypsa.Network) -> pd.DataFrame:
    """Energy sent at the city's end of each border, delivered to its buyers, and lost on the way. [MWh]

    `location` is the border, '' all of them. There are buyers but no sellers, so what is sent is the net outflow.
    """
    weight = energy_weight(network)
    sent = weighted_sum(exports_sent(network), weight)
    delivered = weighted_sum(exports_delivered(network), weight)
    parts = []
    for name, energy in (("export_sent", sent), ("export_delivered", delivered), ("export_losses", sent - delivered)):
        parts += [labelled(name, "sum", energy, "location"), single(name, "sum", energy.sum())]
    return pd.concat(parts)


@metric({"net_outflow": "MWh", "peak_outflow": "MW", "spring_midday_peak_outflow": "MW", "outflow_mean": "MW"})
def outflow(network: pypsa.Network) -> pd.DataFrame:
    """Net outflow of the city, its highest hour, and the highest of March-May from 10 to 16 o'clock. [MWh, MW]

    Peaks by border (`location`) are each border's own and do not add up to the city's.
    """
    sent = exports_sent(network)
    total = sent.sum(axis=1)
    weight = energy_weight(network)
    energy = float(np.dot(weight, total))
    parts = [
        single("net_outflow", "sum", energy),
        single("outflow_mean", "mean", energy / float(weight.sum())),
        single("peak_outflow", "max", total.max()),
        labelled("peak_outflow", "max", sent.max(), "location"),
    ]
    spring_midday = in_hours(sent.index, SPRING, MIDDAY)
    if spring_midday.any():
        parts.append(single("spring_midday_peak_outflow", "max", total[spring_midday].max()))
    return pd.concat(parts)
