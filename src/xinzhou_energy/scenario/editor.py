"""The JSON schema that gives editors completion, units and bilingual hints while a scenario is written."""

from __future__ import annotations

from typing import Any

from xinzhou_energy.scenario.inherit import ID_PATTERN
from xinzhou_energy.scenario.schema import ScenarioFields


def json_schema() -> dict[str, Any]:
    """Return the JSON schema (draft 2020-12) of a scenario file.

    A file may extend another, so only its name is required; null is allowed everywhere: it deletes what is
    inherited.
    """
    schema: dict[str, Any] = _relaxed(ScenarioFields.model_json_schema())
    schema["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    schema["title"] = "Scenario of xinzhou-energy 忻州能源情景"
    schema["description"] = "One scenario file / 情景文件"
    schema["required"] = ["name"]
    schema["properties"]["extends"] = {
        "type": "string",
        "pattern": ID_PATTERN,
        "description": "被继承的情景（同一目录下的文件名） / id of the scenario this one changes",
    }
    return schema


def _relaxed(node: Any) -> Any:  # noqa: ANN401
    """Return a schema that requires only both languages of a text, and lets every property be null."""
    if isinstance(node, list):
        return [_relaxed(item) for item in node]
    if not isinstance(node, dict):
        return node
    kept = {key: _relaxed(value) for key, value in node.items() if key != "title" or not isinstance(value, str)}
    properties = kept.get("properties")
    if isinstance(properties, dict) and set(properties) != {"zh", "en"}:
        kept.pop("required", None)
        kept["properties"] = {key: _nullable(value) for key, value in properties.items()}
    return kept


def _nullable(schema: dict[str, Any]) -> dict[str, Any]:
    """Return a property that may also be null; its hints stay on top, where editors look for them."""
    hints: dict[str, Any] = {key: schema[key] for key in ("description", "default") if key in schema}
    rest = {key: value for key, value in schema.items() if key not in hints}
    options = rest["anyOf"] if set(rest) == {"anyOf"} else [rest]
    if {"type": "null"} not in options:
        options = [*options, {"type": "null"}]
    return {"anyOf": options, **hints}
