r"""One YAML file as a tree in which every value knows its file and line.

In: ``siting:\n  total: 245 万千瓦``. Out: an `Entry` mapping whose ``siting.total`` holds the text and
``Where("plan.yaml", 2, "siting.total")``. Nothing is constructed from tags, and nothing is guessed: plain
scalars become null, true/false, whole or decimal numbers, and text otherwise.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from xinzhou_energy.errors import Finding, ScenarioError, Where

Scalar = None | bool | int | float | str

_STANDARD = "tag:yaml.org,2002:"
_PLAIN_TAGS = {_STANDARD + kind for kind in ("str", "int", "float", "bool", "null", "timestamp", "map", "seq", "value")}
_WHOLE = re.compile(r"[+-]?[0-9]{1,18}")
_DECIMAL = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?")
_NOT_FINITE = re.compile(r"[+-]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)")


@dataclass(frozen=True)
class Entry:
    """A value, its place (the value's line; for a mapping or list the key's) and the line of its key."""

    value: Scalar | dict[str, Entry] | list[Entry]
    where: Where
    key_line: int

    def plain(self) -> object:
        """Return the value without places, as dict, list and scalars."""
        if isinstance(self.value, dict):
            return {key: entry.plain() for key, entry in self.value.items()}
        if isinstance(self.value, list):
            return [entry.plain() for entry in self.value]
        return self.value

    def walk(self) -> Iterator[Entry]:
        """Yield this entry and all below it."""
        yield self
        below: list[Entry] = []
        if isinstance(self.value, dict):
            below = list(self.value.values())
        elif isinstance(self.value, list):
            below = self.value
        for entry in below:
            yield from entry.walk()


def read_source(path: Path) -> tuple[Entry, list[Finding]]:
    """Return the tree of one file and the findings that do not keep the rest from being read.

    A faulty entry (duplicate key, tag, anchor, NaN) is left out of the tree and named in the findings.

    Raises
    ------
    ScenarioError
        If the file cannot be read at all: missing, not UTF-8, no valid YAML, empty, not a mapping.
    """
    text = _read_text(path)
    root = _compose(text, str(path))
    whole = Where(str(path))
    if root is None or (isinstance(root, ScalarNode) and not root.value.strip()):
        raise ScenarioError(
            Finding("empty", whole, "no key", "a scenario", "Start from 'extends: base_2025' and a name.")
        )
    if not isinstance(root, MappingNode):
        found = "a list" if isinstance(root, SequenceNode) else f"the text '{str(root.value)[:40]}'"
        raise ScenarioError(
            Finding(
                "not-a-mapping",
                Where(str(path), root.start_mark.line + 1),
                found,
                "keys and values ('year: 2026')",
                "Write one 'key: value' a line.",
            )
        )
    reader = _Reader(str(path))
    entry = reader.entry(root, Where(str(path)), 0)
    return entry or Entry({}, whole, 0), reader.findings


def _read_text(path: Path) -> str:
    """Return the file's text; a byte order mark is accepted, any encoding but UTF-8 is refused."""
    try:
        raw = path.read_bytes()
    except OSError as error:
        others = sorted(other.stem for other in path.parent.glob("*.yaml")) if path.parent.is_dir() else []
        remedy = f"Scenarios in this folder: {', '.join(others)}." if others else "Check the folder and the name."
        reason = "no such file" if isinstance(error, FileNotFoundError) else str(error.strerror)
        raise ScenarioError(Finding("no-file", Where(str(path)), reason, "a scenario file", remedy)) from None
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        found = _guess_encoding(raw)
        raise ScenarioError(
            Finding(
                "encoding",
                Where(str(path), line),
                found,
                "UTF-8 text",
                "Save the file again as UTF-8 (另存为 → 编码 UTF-8).",
            )
        ) from None


def _guess_encoding(raw: bytes) -> str:
    """Return in words what the bytes probably are."""
    if raw[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return "UTF-16 text"
    try:
        raw.decode("gb18030")
    except UnicodeDecodeError:
        return "bytes that are no text"
    return "bytes that read as GBK"


def _compose(text: str, file: str) -> Node | None:
    """Return the root node of the text, or raise the syntax error as a finding."""
    try:
        root: Node | None = YAML(typ="safe", pure=True).compose(text)
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else 0
        lines = text.splitlines()
        if 0 < line <= len(lines) and "\t" in lines[line - 1]:
            finding = Finding(
                "tab",
                Where(file, line),
                "a tab character",
                "spaces",
                "Indent with two spaces for each level.",
            )
        else:
            remedy = "Check indentation, colons, brackets and quotes on this line and the one above."
            finding = Finding("yaml-syntax", Where(file, line), str(error.problem), "valid YAML", remedy)
        raise ScenarioError(finding) from None
    except (YAMLError, RecursionError) as error:
        position = getattr(error, "position", 0)
        line = text.count("\n", 0, position) + 1
        found = "too many nested brackets" if isinstance(error, RecursionError) else "a control character"
        remedy = "Write the line again by hand."
        raise ScenarioError(Finding("yaml-syntax", Where(file, line), found, "valid YAML", remedy)) from None
    return root


@dataclass
class _Reader:
    """Turns nodes into entries and gathers what is wrong with single entries."""

    file: str
    findings: list[Finding] = field(default_factory=list)

    def entry(self, node: Node, where: Where, key_line: int) -> Entry | None:
        """Return the entry of a node, or None when it is faulty."""
        if node.anchor is not None:
            self._refuse(
                "anchor",
                where,
                f"the anchor or alias '{node.anchor}'",
                "plain values",
                "Write the value out, or share it with 'extends:'.",
            )
            return None
        if node.tag not in _PLAIN_TAGS:
            short = str(node.tag).replace(_STANDARD, "!!")
            self._refuse(
                "tag",
                where,
                f"the tag '{short}'",
                "plain values",
                "Delete the tag: scenarios hold data only.",
            )
            return None
        if isinstance(node, MappingNode):
            return Entry(self._mapping(node, where), where, key_line)
        if isinstance(node, ScalarNode):
            return self._scalar(node, where, key_line)
        lines = [item.start_mark.line + 1 for item in node.value]
        places = [Where(self.file, line, f"{where.path}.{index}") for index, line in enumerate(lines)]
        items = [self.entry(item, place, place.line) for item, place in zip(node.value, places, strict=True)]
        return Entry([item for item in items if item is not None], where, key_line)

    def _mapping(self, node: MappingNode, where: Where) -> dict[str, Entry]:
        """Return the entries of a mapping; a key given twice is refused, naming both lines."""
        entries: dict[str, Entry] = {}
        first_line: dict[str, int] = {}
        for key_node, value_node in node.value:
            line = key_node.start_mark.line + 1
            if not isinstance(key_node, ScalarNode) or key_node.tag == _STANDARD + "merge":
                self._refuse(
                    "key",
                    Where(self.file, line, where.path),
                    "a merge key or a key that is no word",
                    "a word as key",
                    "Write the keys out, or share them with 'extends:'.",
                )
                continue
            key = str(key_node.value)
            path = f"{where.path}.{key}" if where.path else key
            if key in first_line:
                self._refuse(
                    "duplicate-key",
                    Where(self.file, line, path),
                    f"'{key}' a second time",
                    f"each key once (first on line {first_line[key]})",
                    f"Delete line {first_line[key]} or line {line}.",
                )
                continue
            first_line[key] = line
            on_key_line = not isinstance(value_node, ScalarNode) or value_node.value == ""
            value_line = line if on_key_line else value_node.start_mark.line + 1
            entry = self.entry(value_node, Where(self.file, value_line, path), line)
            if entry is not None:
                entries[key] = entry
        return entries

    def _scalar(self, node: ScalarNode, where: Where, key_line: int) -> Entry | None:
        """Return a scalar as null, boolean, number or text."""
        text = str(node.value)
        value: Scalar = text
        if node.style is None and node.tag != _STANDARD + "str":
            if node.tag == _STANDARD + "null":
                value = None
            elif node.tag == _STANDARD + "bool":
                value = text.lower() == "true"
            elif _WHOLE.fullmatch(text):
                value = int(text)
            elif _NOT_FINITE.fullmatch(text) or (_DECIMAL.fullmatch(text) and not math.isfinite(float(text))):
                self._refuse(
                    "not-finite",
                    where,
                    f"'{text}'",
                    "a finite number",
                    "Give a number, or delete the line to keep the default.",
                )
                return None
            elif _DECIMAL.fullmatch(text):
                value = float(text)
        return Entry(value, where, key_line)

    def _refuse(self, code: str, where: Where, found: str, expected: str, remedy: str) -> None:
        self.findings.append(Finding(code, where, found, expected, remedy))
