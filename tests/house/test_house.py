"""Rules of the house that no tool holds."""

from __future__ import annotations

import ast
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src" / "xinzhou_energy"
MODULES = sorted(SOURCE.rglob("*.py"))
SOLVER_CALLS = {"optimize", "solve_model", "linprog", "run_crossover"}
MAY_SOLVE = {SOURCE / "solve", SOURCE / "decomposition"}


def tracked() -> list[Path]:
    done = subprocess.run(
        ["git", "ls-files", "-z"],  # noqa: S607 - whichever git there is
        cwd=ROOT,
        capture_output=True,
        check=True,
        text=True,
    )
    return [ROOT / name for name in done.stdout.split("\0") if name]


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.relative_to(SOURCE).as_posix())
def test_module_and_its_functions_are_short(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert text.count("\n") <= 400
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef):
            start = node.body[1].lineno if ast.get_docstring(node) and len(node.body) > 1 else node.body[0].lineno
            assert (node.end_lineno or start) - start < 60, node.name


def test_only_the_solver_packages_call_a_solver() -> None:
    guilty = []
    for path in MODULES:
        if any(folder in path.parents for folder in MAY_SOLVE):
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call):
                name = getattr(node.func, "attr", getattr(node.func, "id", ""))
                on_a_model = (
                    name == "solve" and "linalg" not in ast.unparse(node.func) and "." in ast.unparse(node.func)
                )
                if name in SOLVER_CALLS or on_a_model:
                    guilty.append(f"{path.name}:{node.lineno} {name}")
    assert guilty == []


def test_no_tracked_file_names_a_registry_or_a_machine() -> None:
    hosts = ["pypi" + ".org", "python" + "hosted", "registry." + "npmjs", "deb." + "debian"]
    folders = [f"/{name}/" for name in ("work", "root", "farm")] + ["/" + "tmp/"]
    pattern = re.compile(
        "|".join(map(re.escape, hosts)) + "|(?<![\\w.:-])(?:" + "|".join(map(re.escape, folders)) + ")"
    )
    guilty = []
    for path in tracked():
        if path.suffix in {".png"} or not path.is_file():
            continue
        found = pattern.search(path.read_text(encoding="utf-8"))
        if found:
            guilty.append(f"{path.relative_to(ROOT)}: {found.group()}")
    assert guilty == []


def test_lock_pins_every_package_with_hashes_and_names_no_index() -> None:
    text = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    pins = re.findall(r"^[a-z0-9][\w.-]*==", text, re.MULTILINE)
    blocks = re.split(r"(?m)^(?=[a-z0-9][\w.-]*==)", text)[1:]
    assert len(pins) > 60
    assert all("--hash=sha256:" in block for block in blocks)
    assert "index" not in re.sub(r"(?m)^\s*#.*$", "", text)
    assert "://" not in text


def test_readme_commands_are_targets_of_the_makefile() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    wanted = set(re.findall(r"\bmake ([a-z-]+)", (ROOT / "README.md").read_text(encoding="utf-8")))
    assert {"run", "test"} <= wanted
    assert all(f"\n{target}:" in makefile for target in wanted)


def test_docs_name_every_scenario_and_link_to_files_that_exist() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    for path in sorted((ROOT / "scenarios").glob("*.yaml")):
        assert path.stem in readme
    for page in [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]:
        for target in re.findall(r"\]\(([^)#]+)\)", page.read_text(encoding="utf-8")):
            assert (page.parent / target).exists(), f"{page.name}: {target}"


def test_every_table_says_where_its_rows_come_from() -> None:
    for path in sorted((ROOT / "data" / "grid").glob("*.csv")):
        head = path.read_text(encoding="utf-8").splitlines()[0].split(",")
        assert head[-3:] == ["source", "confidence", "provenance"], path.name


def test_no_test_is_skipped() -> None:
    """A skip would need a line here with its reason; there is none."""
    word = re.compile(r"pytest\.(?:mark\.)?" + "skip")
    assert [path.name for path in (ROOT / "tests").rglob("*.py") if word.search(path.read_text(encoding="utf-8"))] == []
