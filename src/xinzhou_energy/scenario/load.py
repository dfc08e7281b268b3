"""From a YAML file to a `Scenario`, or to every finding of the file at once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from xinzhou_energy.errors import Finding, ScenarioError, Where
from xinzhou_energy.scenario.inherit import Inherited, read_chain
from xinzhou_energy.scenario.scenario import Scenario, check
from xinzhou_energy.scenario.source import Entry


def load_scenario(path: Path) -> Scenario:
    """Return the checked scenario of a YAML file with everything it extends.

    Raises
    ------
    ScenarioError
        With all findings of the file and of those it extends, in order of file and line.
    """
    inherited = read_chain(path)
    document = inherited.tree.plain()
    if not isinstance(document, dict):  # pragma: no cover - read_source refuses any other root
        raise TypeError(document)
    document["id"] = path.stem
    entries = inherited.places()
    scenario, faults = check(document)
    findings = [*inherited.findings, *_placed(faults, entries, inherited)]
    findings += _absent_files(path, entries, {fault.where.path for fault in faults})
    if findings or scenario is None:
        raise ScenarioError(_in_file_order(findings, inherited.files))
    return scenario.placed({key: entry.where for key, entry in entries.items()}, path)


def scenario_files(folder: Path) -> list[Path]:
    """Return the scenario files of a folder, sorted by id."""
    return sorted(folder.glob("*.yaml"), key=lambda path: path.stem)


def _placed(faults: list[Finding], entries: dict[str, Entry], inherited: Inherited) -> Iterator[Finding]:
    """Yield the findings with file and line; what only follows from an earlier finding is left out."""
    already = {finding.where.path for finding in inherited.findings}
    bad_name = any(finding.code == "file-name" for finding in inherited.findings)
    for fault in faults:
        path = fault.where.path
        absent = fault.code.endswith("missing") or fault.code == "missing-key"
        if (absent and (path in already or not inherited.complete)) or (path == "id" and bad_name):
            continue
        yield replace(fault, where=_place(fault, entries, str(inherited.files[0])))


def _place(fault: Finding, entries: dict[str, Entry], file: str) -> Where:
    """Return the place of a key: its own, or that of the nearest block above it."""
    above = path = fault.where.path
    while above:
        if above in entries:
            entry = entries[above]
            line = entry.key_line if fault.code == "unknown-key" else entry.where.line
            return Where(entry.where.file, line, path)
        above = above.rpartition(".")[0]
    return Where(file, 0, path)


def _absent_files(path: Path, entries: dict[str, Entry], faulty: set[str]) -> Iterator[Finding]:
    """Yield a finding for each file or folder the scenario names that is not there."""
    for key, entry in entries.items():
        is_profile = key.startswith("profiles.") and key.endswith(".file") and key.count(".") == 2
        named = isinstance(entry.value, str) and (is_profile or key == "data.overlay")
        if not named or any(key == other or key.startswith(f"{other}.") for other in faulty):
            continue
        target = path.parent / str(entry.value).replace("\\", "/")
        if not (target.is_file() if is_profile else target.is_dir()):
            kind = "a file" if is_profile else "a folder"
            remedy = f"Paths start at the folder of the scenario, {path.parent}."
            yield Finding("no-file", entry.where, f"'{entry.value}', which does not exist", kind, remedy)


def _in_file_order(findings: list[Finding], files: tuple[Path, ...]) -> list[Finding]:
    """Return the findings by file (the asked one first) and line, each once."""
    order = {str(file): index for index, file in enumerate(files)}
    unique = dict.fromkeys(findings)
    return sorted(unique, key=lambda finding: (order.get(finding.where.file, len(order)), finding.where.line))
