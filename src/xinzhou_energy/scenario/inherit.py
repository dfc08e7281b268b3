"""`extends:` resolved: a chain of files becomes one tree, and each value keeps the file it came from.

Overrides are deep: mappings merge key by key, scalars and lists replace, null deletes what was inherited.
`id`, `name` and `description` say what one file is, so they are never inherited.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

from xinzhou_energy.errors import Finding, ScenarioError, Where, nearest
from xinzhou_energy.scenario.source import Entry, read_source

ID_PATTERN = r"^[a-z][a-z0-9_]{0,40}$"
_ID = re.compile(ID_PATTERN)
_OWN_KEYS = ("id", "name", "description")


@dataclass(frozen=True)
class Inherited:
    """The merged tree of a chain of files, the files from the asked one to the oldest, and what is wrong."""

    tree: Entry
    files: tuple[Path, ...]
    findings: list[Finding] = field(default_factory=list)
    complete: bool = True

    def places(self) -> dict[str, Entry]:
        """Return every entry of the tree by dotted key."""
        return {entry.where.path: entry for entry in self.tree.walk() if entry.where.path}


def read_chain(path: Path) -> Inherited:
    """Return the tree of a scenario file with everything it extends.

    Raises
    ------
    ScenarioError
        If a file of the chain cannot be read as YAML.
    """
    trees: list[Entry] = []
    files: list[Path] = []
    findings: list[Finding] = []
    current: Path | None = path
    complete = True
    while current is not None:
        tree, faults = _read_after(current, findings)
        findings += faults + _check_id(current, tree)
        files.append(current)
        base = _base_of(current, tree, files, findings)
        complete = complete and (base is not None or not _extends(tree))
        trees.append(tree if current == path else _without(tree, _OWN_KEYS))
        current = base
    merged = trees[-1]
    for tree in reversed(trees[:-1]):
        merged = _merge(merged, tree)
    return Inherited(_without(merged, ("extends",)), tuple(files), findings, complete)


def _read_after(path: Path, earlier: list[Finding]) -> tuple[Entry, list[Finding]]:
    """Read one file; when it is unreadable, report the findings of the files before it as well."""
    try:
        return read_source(path)
    except ScenarioError as error:
        raise ScenarioError([*earlier, *error.findings]) from None


def _check_id(path: Path, tree: Entry) -> list[Finding]:
    """Return the findings on file name and id: the id is the file's stem."""
    findings = []
    if not _ID.match(path.stem) or path.suffix != ".yaml":
        findings.append(
            Finding(
                "file-name",
                Where(str(path)),
                f"'{path.name}'",
                "a-z, 0-9 and _, starting with a letter, then .yaml",
                "Rename the file; put the Chinese name under 'name: zh:'.",
            )
        )
    entry = tree.value.get("id") if isinstance(tree.value, dict) else None
    if entry is not None and entry.value != path.stem:
        findings.append(
            Finding(
                "id-mismatch",
                entry.where,
                f"'{entry.value}'",
                f"'{path.stem}', the name of the file",
                "Delete the id (the file name is enough) or rename the file.",
            )
        )
    return findings


def _base_of(path: Path, tree: Entry, files: list[Path], findings: list[Finding]) -> Path | None:
    """Return the file that a tree extends; a faulty `extends` is added to the findings."""
    entry = tree.value.get("extends") if isinstance(tree.value, dict) else None
    if entry is None or entry.value is None:
        return None
    known = sorted(other.stem for other in path.parent.glob("*.yaml") if other != path)
    target = path.parent / f"{entry.value}.yaml"
    if not isinstance(entry.value, str) or not _ID.match(entry.value):
        findings.append(
            Finding(
                "path-escape",
                entry.where,
                f"'{entry.plain()}'",
                "the id of a scenario in the same folder",
                f"Write its name without folder and ending. {nearest(Path(str(entry.value)).stem, known)}",
            )
        )
    elif target in files:
        chain = " → ".join([*(file.stem for file in files), target.stem])
        findings.append(
            Finding(
                "cyclic-extends",
                entry.where,
                chain,
                "a chain that ends",
                "Delete one 'extends:' of this chain.",
            )
        )
    elif not target.is_file():
        findings.append(
            Finding(
                "unknown-scenario",
                entry.where,
                f"'{entry.value}'",
                "a scenario in the same folder",
                nearest(entry.value, known),
            )
        )
    else:
        return target
    return None


def _merge(base: Entry, over: Entry) -> Entry:
    """Return the deep override of one tree by another; null deletes."""
    if not (isinstance(base.value, dict) and isinstance(over.value, dict)):
        return over
    merged = dict(base.value)
    for key, entry in over.value.items():
        if key in merged and entry.value is None:
            del merged[key]
        else:
            merged[key] = _merge(merged[key], entry) if key in merged else entry
    return Entry(merged, over.where, over.key_line)


def _without(tree: Entry, keys: tuple[str, ...]) -> Entry:
    """Return the tree without some top-level keys."""
    if not isinstance(tree.value, dict):
        return tree
    return Entry({key: entry for key, entry in tree.value.items() if key not in keys}, tree.where, tree.key_line)


def _extends(tree: Entry) -> bool:
    """Say whether a tree means to extend another."""
    return isinstance(tree.value, dict) and "extends" in tree.value and tree.value["extends"].value is not None
