"""Representative weeks: a storage ends each week at the level it began with."""

from __future__ import annotations

import pandas as pd
import pypsa

from xinzhou_energy.formulation.rows import empty_rows
from xinzhou_energy.scenario import Scenario


def week_storage_rows(network: pypsa.Network, scenario: Scenario) -> pd.DataFrame:  # noqa: ARG001 - one signature for all kinds
    """Equate the level at the end of each week with the level at the end of the last.

    PyPSA's chain of levels runs through the weeks and closes on itself, so equal levels at all borders make every week
    cyclic, and vanilla PyPSA without these rows is a relaxation.

    Notes
    -----
    e(end of week k) - e(end of last week) = 0, MWh, for every storage unit and every week but the last.
    """
    starts = network.meta.get("weeks", {}).get("starts", [])
    if not starts:
        return empty_rows()
    hours = len(network.snapshots) // len(starts)
    ends = network.snapshots[hours - 1 :: hours]
    parts = [
        pd.DataFrame(
            {
                "id": f"week_storage {unit} {end:%m-%d}",
                "origin": "week_storage",
                "stage": "dispatch",
                "variable": "StorageUnit-state_of_charge",
                "name": unit,
                "snapshot": [end, ends[-1]],
                "coefficient": [1.0, -1.0],
                "sense": "=",
                "rhs": 0.0,
            }
        )
        for unit in network.storage_units.index
        for end in ends[:-1]
    ]
    return pd.concat(parts, ignore_index=True) if parts else empty_rows()
