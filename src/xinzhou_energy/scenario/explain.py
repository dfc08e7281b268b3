"""Pydantic's errors in the planner's words: each becomes a finding whose place holds the dotted key only."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from xinzhou_energy.errors import Finding, Where, nearest
from xinzhou_energy.scenario.consistency import InconsistentError
from xinzhou_energy.scenario.quantity import describe
from xinzhou_energy.units import QuantityError, half_width

_KINDS = {
    "int_type": ("not-a-whole-number", "a whole number", "Write digits only, without quotes, point or unit."),
    "bool_type": ("not-true-or-false", "true or false", "Write true or false, without quotes."),
    "string_type": ("not-text", "text", "Write the value in quotes."),
    "mapping_type": ("not-a-mapping", "keys and values", "Write one 'key: value' a line, indented below."),
    "dict_type": ("not-a-mapping", "keys and values", "Write one 'key: value' a line, indented below."),
    "model_type": ("not-a-mapping", "keys and values", "Write one 'key: value' a line, indented below."),
    "string_too_short": ("not-text", "text that is not empty", "Write the text after the colon."),
}
_BOUNDS = ("ge", "le", "gt", "lt")


def explain(error: ValidationError, model: type[BaseModel], extra_keys: tuple[str, ...] = ()) -> Iterator[Finding]:
    """Yield one finding per error; `extra_keys` are top-level keys that the model does not hold."""
    for detail in error.errors(include_url=False):
        location = [str(part) for part in detail["loc"] if part != "[key]"]
        where = Where("", 0, ".".join(location))
        cause = detail.get("ctx", {}).get("error")
        if isinstance(cause, QuantityError):
            yield cause.fault.at(where)
        elif isinstance(cause, InconsistentError):
            for finding in cause.findings:
                yield replace(finding, where=Where("", 0, ".".join([*location, finding.where.path])))
        else:
            known = [*known_keys(model, location[:-1]), *(extra_keys if len(location) == 1 else ())]
            yield _finding(detail, where, known, is_key="[key]" in detail["loc"])


def known_keys(model: type[BaseModel], location: list[str]) -> list[str]:
    """Return the keys that a block of the scenario may hold."""
    current: object = model
    for part in location:
        block = _model_in(current)
        if block is not None:
            current = block.model_fields[part].annotation if part in block.model_fields else None
        else:
            current = get_args(current)[-1] if get_args(current) else None
    block = _model_in(current)
    return list(block.model_fields) if block is not None else []


def _model_in(annotation: object) -> type[BaseModel] | None:
    """Return the model that an annotation (a model, or one or None) stands for; none for a mapping of models."""
    origin = get_origin(annotation)
    if isinstance(origin, type) and issubclass(origin, Mapping):
        return None
    for candidate in (annotation, *get_args(annotation)):
        if isinstance(candidate, type) and issubclass(candidate, BaseModel):
            return candidate
    return None


def _finding(detail: ErrorDetails, where: Where, known: list[str], *, is_key: bool) -> Finding:
    """Return the finding of one error that pydantic found itself."""
    kind, value, context = detail["type"], detail["input"], detail.get("ctx", {})
    key = where.path.rpartition(".")[2]
    if kind == "extra_forbidden":
        return Finding("unknown-key", where, f"the key '{key}'", "a known key", nearest(key, known))
    if kind == "missing":
        return Finding(
            "missing-key",
            where,
            f"no '{key}'",
            "a value for it",
            f"Add '{key}:' here, or extend a scenario that has it.",
        )
    if isinstance(value, str) and (ordinary := half_width(value)) is not None and kind != "string_pattern_mismatch":
        return Finding(
            "full-width",
            where,
            f"'{value}' with full-width characters 全角字符",
            "ordinary digits",
            f"Write {ordinary.strip()}.",
        )
    if kind == "literal_error":
        return _choice(where, value, context, is_key=is_key)
    if kind == "string_pattern_mismatch":
        return Finding(
            "bad-name",
            where,
            describe(value),
            f"a name like {context['pattern']}",
            "Use letters, digits and _ only; no folder, space or Chinese character.",
        )
    bound = next((context[name] for name in _BOUNDS if name in context), None)
    if bound is not None:
        words = {"greater_than_equal": "or more", "less_than_equal": "or less"}.get(kind, "as limit")
        return Finding("out-of-range", where, describe(value), f"{bound} {words}", "Choose a number within the limits.")
    code, expected, remedy = _KINDS.get(kind, (kind.replace("_", "-"), str(detail["msg"]), "Mend this value."))
    return Finding(code, where, describe(value), expected, remedy)


def _choice(where: Where, value: Any, context: dict[str, Any], *, is_key: bool) -> Finding:  # noqa: ANN401
    """Return the finding of a word that is none of the words possible."""
    words = str(context["expected"]).replace("'", "").replace(" or ", ", ").split(", ")
    code = "unknown-key" if is_key else "not-a-choice"
    return Finding(code, where, describe(value), " or ".join(words), nearest(str(value), words))
