"""Technology shapes: how a row of `plants.csv` becomes PyPSA components. One file per shape, one line here."""

from collections.abc import Callable

import pandas as pd
import pypsa

from xinzhou_energy.grid.read import GridData
from xinzhou_energy.network.technologies.hydro import add_hydro
from xinzhou_energy.network.technologies.renewable import add_renewables
from xinzhou_energy.network.technologies.storage import add_storage
from xinzhou_energy.network.technologies.thermal import add_thermal_units

SHAPES: dict[str, Callable[[pypsa.Network, GridData, pd.DataFrame], None]] = {
    "thermal": add_thermal_units,
    "renewable": add_renewables,
    "hydro": add_hydro,
    "storage": add_storage,
}
