"""The scenario the rest of the house works with: frozen, typed, and every value knows its file and line."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from pydantic import PrivateAttr, ValidationError

from xinzhou_energy.errors import Finding, ScenarioError, Where
from xinzhou_energy.scenario.consistency import across
from xinzhou_energy.scenario.explain import explain
from xinzhou_energy.scenario.quantity import BASE_UNITS, Figure
from xinzhou_energy.scenario.schema import ScenarioFields

LABELS = ("id", "name", "description")  # say what a scenario is called, not what is computed


class Scenario(ScenarioFields):
    """A checked scenario; made by `load_scenario`, `Scenario.from_resolved` or `with_changes`."""

    _places: dict[str, Where] = PrivateAttr(default_factory=dict)
    _source_path: Path | None = PrivateAttr(default=None)

    @property
    def source_path(self) -> Path:
        """The YAML file asked for; `<id>.yaml` here when there is none."""
        return self._source_path or Path(f"{self.id}.yaml")

    @property
    def folder(self) -> Path:
        """The folder of the file: relative paths of the scenario start there."""
        return self.source_path.parent

    def path_of(self, written: str) -> Path:
        """Return a path written in the scenario (`data.overlay`, `profiles.*.file`) as seen from here."""
        return self.folder / written

    def where(self, path: str) -> Where:
        """Return file and line of a dotted key, for a value not written those of the nearest block above it.

        An inherited value answers with the file it was written in.
        """
        above = path
        while above:
            if above in self._places:
                return replace(self._places[above], path=path)
            above = above.rpartition(".")[0]
        return Where(str(self.source_path), 0, path)

    def resolved(self) -> dict[str, Any]:
        """Return the scenario with everything inherited and every default, in base units, ready for JSON.

        Keys are sorted; what is not set (None) is left out; no file places. `from_resolved` reads it back.
        """
        document = _canonical(self.model_dump(exclude_none=True))
        if not isinstance(document, dict):  # pragma: no cover - a model always dumps to a mapping
            raise TypeError(document)
        return document

    def content_hash(self) -> str:
        """Return the SHA-256 (64 hex digits) of what is computed.

        Independent of `id`, names, comments, order of keys, inheritance and unit spelling. Files that the
        scenario names count by their path only; their content is hashed where they are read.
        """
        content = {key: value for key, value in self.resolved().items() if key not in LABELS}
        text = json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
        return hashlib.sha256(text.encode("utf-8")).hexdigest()

    def with_changes(self, **changes: object) -> Scenario:
        """Return a scenario with deep overrides, as a file that extends this one would have them.

        Mappings merge, other values replace, None deletes; bare numbers are in base units, texts have a unit:
        ``with_changes(market="tight", siting={"capacity": {"Shenchi": {"onwind": 240.0}}})``.

        Raises
        ------
        ScenarioError
            If the result is not a scenario; findings name the file of the original and the changed key.
        """
        scenario, findings = check(_overridden(self.resolved(), changes), BASE_UNITS)
        if scenario is None:
            raise ScenarioError([replace(finding, where=self.where(finding.where.path)) for finding in findings])
        changed = _leaves(changes)
        kept = {
            path: place
            for path, place in self._places.items()
            if not any(path == leaf or path.startswith(f"{leaf}.") for leaf in changed)
        }
        return scenario.placed(kept, self._source_path)

    def placed(self, places: Mapping[str, Where], source_path: Path | None) -> Scenario:
        """Return the same scenario knowing where its values stand."""
        twin = self.model_copy()
        twin._places = dict(places)
        twin._source_path = source_path
        return twin

    @classmethod
    def from_resolved(cls, document: Mapping[str, Any]) -> Scenario:
        """Return the scenario of a document in base units, as `resolved` writes it.

        Raises
        ------
        ScenarioError
            If the document is not a scenario.
        """
        scenario, findings = check(document, BASE_UNITS)
        if scenario is None:
            raise ScenarioError(findings)
        return scenario


def check(document: Mapping[str, Any], context: dict[str, bool] | None = None) -> tuple[Scenario | None, list[Finding]]:
    """Return the scenario of a plain document, or None and all findings, still without file and line."""
    findings = list(across(document))
    scenario = None
    try:
        scenario = Scenario.model_validate(document, context=context)
    except ValidationError as error:
        findings = [*explain(error, Scenario, extra_keys=("extends",)), *findings]
    return (None, findings) if findings else (scenario, [])


def _canonical(value: object) -> object:
    """Return a value with sorted keys and figures as number or text in base units."""
    if isinstance(value, Mapping):
        return {str(key): _canonical(value[key]) for key in sorted(value)}
    return value.canonical() if isinstance(value, Figure) else value


def _overridden(base: dict[str, Any], changes: Mapping[str, object]) -> dict[str, Any]:
    """Return the deep override of a plain document."""
    merged = dict(base)
    for key, change in changes.items():
        if change is None:
            merged.pop(key, None)
        elif isinstance(change, Mapping):
            below = merged.get(key)
            merged[key] = _overridden(below if isinstance(below, dict) else {}, change)
        else:
            merged[key] = change
    return merged


def _leaves(changes: Mapping[str, object], prefix: str = "") -> list[str]:
    """Return the dotted keys of all values that are no mapping."""
    leaves: list[str] = []
    for key, change in changes.items():
        leaves += _leaves(change, f"{prefix}{key}.") if isinstance(change, Mapping) else [f"{prefix}{key}"]
    return leaves
