"""Yearly cost of a megawatt and variable cost of a megawatt hour."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass

from xinzhou_energy.grid.read import GridData


def annuity_factor(rate: float, lifetime: float) -> float:
    """Share of an investment to be paid every year. [1/a]

    Notes
    -----
    a = r / (1 - (1 + r)^-n), with real rate r [per unit] and lifetime n [a]; 1/n where r = 0.
    """
    return rate / (1 - (1 + rate) ** -lifetime) if rate else 1 / lifetime


def yearly_cost(data: GridData, technology: str, *, is_new: bool = True) -> float:
    """Annuity plus fixed O&M of one megawatt of a technology, 0 for plant that stands already: sunk. [CNY/MW/a]"""
    if not is_new:
        return 0.0
    investment = data.economic(technology, "capital_cost")
    factor = annuity_factor(data.economic("system", "discount_rate"), data.economic(technology, "lifetime"))
    return investment * (factor + data.economic(technology, "fixed_om"))


@dataclass(frozen=True)
class VariableCost:
    """The parts of a marginal cost, CNY per MWh of electricity."""

    fuel_cost: float = 0.0
    variable_om_cost: float = 0.0
    carbon_cost: float = 0.0
    start_cost: float = 0.0
    penalty_cost: float = 0.0

    @property
    def marginal_cost(self) -> float:
        """Sum of the parts."""
        return float(sum(asdict(self).values()))

    def columns(self) -> dict[str, float]:
        """Return the parts and their sum as network columns."""
        return {**asdict(self), "marginal_cost": self.marginal_cost}


def thermal_cost(data: GridData, technology: str, fuel: str, *, is_coal: bool) -> VariableCost:
    """Variable cost of a thermal unit.

    Coal carries the calibrated adder (`coal_cost_adder`): carbon's shadow price plus starts and part load. The carbon
    part is price x intensity, the rest is starts; carbon is never added on top of it.
    """
    efficiency = data.economic(technology, "efficiency")
    fuel_cost = data.number("fuels", fuel, "price") / efficiency
    variable_om = data.economic(technology, "variable_om")
    if not is_coal:
        return VariableCost(fuel_cost, variable_om)
    adder = data.calibration["coal_cost_adder"]
    carbon = min(adder, data.economic("system", "carbon_price_2025") * co2_intensity(data, technology, fuel))
    return VariableCost(fuel_cost, variable_om, carbon, adder - carbon)


def coal_intensity(data: GridData, technology: str, fuel: str) -> float:
    """Coal burnt per unit of electricity, 0 for other fuels. [t/MWh]"""
    content = data.number("fuels", fuel, "energy_content")
    return 0.0 if math.isnan(content) else 1 / (content * data.economic(technology, "efficiency"))


def co2_intensity(data: GridData, technology: str, fuel: str) -> float:
    """CO2 per unit of electricity. [t/MWh]"""
    return data.number("fuels", fuel, "co2") / data.economic(technology, "efficiency")
