"""What is wrong with the commitments of a scenario: ids, places, keys without a use, plants claimed twice."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

import pandas as pd

from xinzhou_energy.errors import Finding, nearest
from xinzhou_energy.scenario import Scenario
from xinzhou_energy.scenario.commitments import UPGRADE, CommitmentSpec

if TYPE_CHECKING:
    from xinzhou_energy.grid.commitments import BlockSize, Commitment

INSIDE = ("county", "station")  # kinds of buses that a block can be connected to
OWN_KEYS = ("name", "carrier", "county", "plant")  # of a commitment of the planner's own only
BLOCK_SHARES = {"own_use", "self_supply", "annual_share", "hourly_share"}
OWN_KEYS_OF = {
    "capacity": {"name", "carrier", "county"},
    "load": {"name", "county"},
    "project": {"name", "plant"},
    "supply": {"name"},
    "account": {"name"},
}
NO_QUANTITY = ("growth", "regional_cooperation")
COUNTED = ("wind_solar_connection", "geothermal_biomass_storage")  # what other commitments can count toward


def block_faults(
    scenario: Scenario, frames: Mapping[str, pd.DataFrame], name: str, size: BlockSize
) -> Iterator[Finding]:
    """Yield what keeps a block from being built."""
    buses = frames["buses"]
    inside = buses.index[buses["kind"].isin(INSIDE)]
    for key, table, known in (("bus", "buses of the city", inside), ("county", "counties", frames["counties"].index)):
        value, where = getattr(size, key), scenario.where(f"commitments.{name}.block.{key}")
        if value not in known:
            found = f"'{value}'" if value else f"no {key}"
            remedy = nearest(value, list(known)) if value else f"Write '{key}: ...'."
            yield Finding("unknown-id", where, found, f"an id of {table}", remedy)
    if size.export_limit <= 0 and size.import_limit <= 0:
        yield Finding(
            "no-connection",
            scenario.where(f"commitments.{name}.block"),
            "a block without a connection",
            "export_limit, import_limit or both above zero",
            "Write 'export_limit: 80 万千瓦'.",
        )
    if size.generation <= 0 and size.load <= 0 and size.storage <= 0:
        yield Finding(
            "size-zero",
            scenario.where(f"commitments.{name}.block"),
            "a block of nothing",
            "generation, load or storage",
            "Give onwind, solar, load or storage.",
        )


def unknown(scenario: Scenario, frames: Mapping[str, pd.DataFrame]) -> Iterator[Finding]:
    """Yield ids that no table knows, and keys that the kind of a commitment has no use for."""
    known = frames["commitments"].index
    for name, spec in scenario.commitments.items():
        where = scenario.where(f"commitments.{name}")
        if name not in known and spec.kind is None:
            remedy = f"{nearest(name, list(known))} A commitment of your own needs 'kind'."
            yield Finding("unknown-id", where, f"'{name}'", "an id of commitments.csv", remedy)
        if name in known and spec.kind is not None:
            yield Finding("kind-given", where, f"a kind for '{name}'", "none", "The report's own rows have their kind.")
        yield from useless(scenario, name, spec, frames)
        for key, value, table in (("county", spec.county, "counties"), ("plant", spec.plant, "plants")):
            if value is not None and value not in frames[table].index:
                place = scenario.where(f"commitments.{name}.{key}")
                yield Finding(
                    "unknown-id", place, f"'{value}'", f"an id of {table}", nearest(value, list(frames[table].index))
                )


def useless(
    scenario: Scenario, name: str, spec: CommitmentSpec, frames: Mapping[str, pd.DataFrame]
) -> Iterator[Finding]:
    """Yield keys that would be read and do nothing, and those without which a commitment means nothing."""
    is_own = spec.kind is not None
    table = frames["commitments"]
    kind = spec.kind or (str(table["kind"][name]) if name in table.index else "")
    has_block = name in frames["blocks"].index or spec.kind in {"project", "supply"}
    thresholds = frames["thresholds"].reset_index()
    known = set(thresholds.loc[thresholds["commitment"] == name, "threshold"])
    if has_block:
        known |= {"limit_hours"} if kind == "project" else BLOCK_SHARES
    wrong = [f"thresholds.{key}" for key in spec.thresholds.model_dump(exclude_none=True) if key not in known]
    own_keys = OWN_KEYS_OF.get(spec.kind or "", set())
    wrong += [key for key in OWN_KEYS if getattr(spec, key) is not None and key not in own_keys]
    wrong += ["choice"] if spec.choice and name != UPGRADE else []
    wrong += ["sizes"] if spec.sizes and (name != UPGRADE or spec.choice) else []
    unitless = not is_own and name in table.index and not table["unit"][name]
    wrong += ["quantity"] if spec.quantity is not None and (name in NO_QUANTITY or unitless) else []
    wrong += ["block"] if spec.block is not None and not has_block else []
    for key in wrong:
        where = scenario.where(f"commitments.{name}.{key}")
        yield Finding("useless-key", where, f"'{key}' for '{name}'", "keys it has a use for", "Delete it.")
    if name == UPGRADE:
        for plant in spec.sizes:
            if plant not in frames["upgrades"].index:
                where, able = scenario.where(f"commitments.{name}.sizes.{plant}"), list(frames["upgrades"].index)
                yield Finding("unknown-id", where, f"'{plant}'", "a plant of upgrades.csv", nearest(plant, able))
    if spec.quantity is None and (spec.kind == "capacity" or (kind == "account" and spec.binding)):
        where = scenario.where(f"commitments.{name}")
        yield Finding("missing-key", where, "no quantity", "a quantity", "Write 'quantity: ...' with its unit.")
    if is_own and (name in frames["buses"].index or name in frames["counties"].index):
        where = scenario.where(f"commitments.{name}")
        yield Finding(
            "name-taken", where, f"'{name}', a place of the city", "a name of its own", "Choose another name."
        )


def conflicts(scenario: Scenario, found: Mapping[str, Commitment]) -> Iterator[Finding]:
    """Yield plants that two commitments, or a commitment and `projects`, both claim; and bad `counts_toward`."""
    owners: dict[str, str] = {}
    for name, each in found.items():
        place = scenario.where(f"commitments.{name}")
        if each.counts_toward and each.counts_toward not in COUNTED:
            remedy = nearest(each.counts_toward, list(COUNTED))
            yield Finding("unknown-id", place, f"'{each.counts_toward}'", " or ".join(COUNTED), remedy)
        if not each.plant or not each.active:
            continue
        if each.plant in owners:
            yield Finding(
                "claimed-twice",
                place,
                f"{each.plant}, which '{owners[each.plant]}' claims too",
                "one commitment per plant",
                "Delete one of them.",
            )
        owners[each.plant] = name
        if each.plant in scenario.projects:
            yield Finding(
                "claimed-twice",
                scenario.where(f"projects.{each.plant}"),
                f"{each.plant}, which the commitment '{name}' claims too",
                "one of both",
                f"Delete it here; size it by commitments.{name}.quantity.",
            )
