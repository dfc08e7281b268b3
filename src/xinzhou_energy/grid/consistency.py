"""Rules that hold between tables, beyond what a schema says of one column."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping

import pandas as pd

from xinzhou_energy.errors import Finding, Where
from xinzhou_energy.scenario.commitments import as_date
from xinzhou_energy.units import QuantityError

Place = Callable[[str, object, str], Where]
Frames = Mapping[str, pd.DataFrame]

COUNTY_EQUIVALENT = "county_220kV"
SHARE_TOLERANCE = 1e-6


def check_consistency(frames: Frames, place: Place) -> list[Finding]:
    """Apply every rule whose tables are there.

    Parameters
    ----------
    frames
        Tables without findings of their own, by name.
    place
        Function (table, key, column) -> Where.

    Returns
    -------
    list of Finding
        Lines between voltages, load shares that do not add up, plants in service without a bus, values
        outside their own stated range.
    """
    findings: list[Finding] = []
    if {"lines", "buses"} <= frames.keys():
        findings += _line_voltages(frames["lines"], frames["buses"], place)
    if "counties" in frames:
        findings += _load_shares(frames["counties"], place)
    if "plants" in frames:
        findings += _plants_in_service(frames["plants"], place)
    if "commitments" in frames:
        findings += _due_dates(frames["commitments"], place)
    for table, frame in frames.items():
        if {"value", "low", "high"} <= set(frame.columns):
            findings += _stated_ranges(table, frame, place)
    return findings


def _line_voltages(lines: pd.DataFrame, buses: pd.DataFrame, place: Place) -> Iterator[Finding]:
    """Refuse lines between voltages, except county equivalents (impedance referred to 220 kV at bus0)."""
    v_nom = buses["v_nom"]
    for key, line in lines.iterrows():
        start, end = float(v_nom[line["bus0"]]), float(v_nom[line["bus1"]])
        equivalent = line["equivalent"] == COUNTY_EQUIVALENT
        if equivalent and start != 220.0:
            found = f"bus0 '{line['bus0']}' at {start:g} kV"
            remedy = "Swap bus0 and bus1: x of a county equivalent is referred to 220 kV."
            yield Finding("line-voltage", place("lines", key, "bus0"), found, "the 220 kV end", remedy)
        elif start != end and not equivalent:
            found = f"{start:g} kV at '{line['bus0']}' and {end:g} kV at '{line['bus1']}'"
            remedy = f"Connect buses of one voltage, or label the line equivalent = {COUNTY_EQUIVALENT}."
            yield Finding("line-voltage", place("lines", key, "bus1"), found, "one voltage at both ends", remedy)
        elif float(line["v_nom"]) != start:
            found, expected = f"{line['v_nom']:g} kV", f"{start:g} kV, the voltage of bus0"
            remedy = "Give v_nom and x for the voltage of bus0."
            yield Finding("line-voltage", place("lines", key, "v_nom"), found, expected, remedy)


def _load_shares(counties: pd.DataFrame, place: Place) -> Iterator[Finding]:
    total = math.fsum(counties["load_share"])
    if abs(total - 1.0) > SHARE_TOLERANCE:
        where = Where(place("counties", counties.index[0], "load_share").file, 0, "load_share")
        remedy = "Change the other counties too, so that all shares add up to the whole city."
        yield Finding("load-shares", where, f"a sum of {100 * total:.4f} %", "100 %", remedy)


def _plants_in_service(plants: pd.DataFrame, place: Place) -> Iterator[Finding]:
    for key, plant in plants.iterrows():
        serves = bool(plant["in_service_2025"])
        if serves != (plant["counted_mw"] > 0):
            expected = f"{str(not serves).lower()}, because counted_mw is {plant['counted_mw']:g}"
            where = place("plants", key, "in_service_2025")
            remedy = "in_service_2025 is true exactly where counted_mw is above zero."
            yield Finding("plant-service", where, str(serves).lower(), expected, remedy)
        if plant["counted_mw"] > plant["capacity_mw"]:
            found, expected = (
                f"{plant['counted_mw']:g} MW",
                f"at most capacity_mw = {plant['capacity_mw']:g} MW",
            )
            remedy = "counted_mw is the part of capacity_mw that counts for the city."
            yield Finding("plant-service", place("plants", key, "counted_mw"), found, expected, remedy)
        if serves and not plant["bus"]:
            remedy = "Name the bus it feeds."
            yield Finding(
                "plant-service", place("plants", key, "bus"), "no bus", "a bus for a plant in service", remedy
            )


def _due_dates(commitments: pd.DataFrame, place: Place) -> Iterator[Finding]:
    for key, due in commitments["due"].items():
        try:
            as_date(due)
        except QuantityError as error:
            yield error.fault.at(place("commitments", key, "due"))


def _stated_ranges(table: str, frame: pd.DataFrame, place: Place) -> Iterator[Finding]:
    outside = frame[(frame["value"] < frame["low"]) | (frame["value"] > frame["high"])]
    for key, row in outside.iterrows():
        unit = f" {row['unit']}" if "unit" in frame.columns else ""
        expected = f"from {row['low']:g} to {row['high']:g}{unit}"
        remedy = "Check the unit; if the value is meant, widen low and high in the same row."
        yield Finding("outside-range", place(table, key, "value"), f"{row['value']:g}{unit}", expected, remedy)
