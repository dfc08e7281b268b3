"""Each command by subprocess: exit code, what stands on standard output and what on standard error."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from xinzhou_energy import __version__

Command = Callable[..., subprocess.CompletedProcess[str]]
SHIPPED = ("base_2025", "corridor_ac_2030", "corridor_dc_2030", "plan_2026", "plan_2026_xuangang", "quick")


def write(folder: Path, text: str, name: str = "mine.yaml") -> Path:
    """Write a scenario that extends no other file; its names are line 1."""
    path = folder / name
    path.write_text("name: {zh: 试算, en: Trial}\n" + text, encoding="utf-8")
    return path


def test_help_names_every_command_and_exit_code(command: Command) -> None:
    done = command("--help")
    assert done.returncode == 0
    for word in ("validate", "run", "list", "schema", "--version", "忻州", "infeasible"):
        assert word in done.stdout


def test_help_and_schema_load_none_of_the_slow_libraries() -> None:
    slow = {"pandas", "numpy", "pypsa", "linopy", "highspy", "pint", "pvlib", "xarray"}
    code = (
        "import sys\nfrom xinzhou_energy.cli.main import main\n"
        "sys.argv = ['xinzhou-energy', *sys.argv[1:]]\ncode = main()\n"
        f"print(sorted({slow!r} & set(sys.modules)), file=sys.stderr)\nsys.exit(code)"
    )
    for arguments in (["--help"], ["run", "--help"], ["schema"]):
        done = subprocess.run(
            [sys.executable, "-c", code, *arguments], capture_output=True, encoding="utf-8", check=True
        )
        assert done.stderr.strip() == "[]", arguments


def test_version_is_the_package_version(command: Command) -> None:
    done = command("--version")
    assert (done.returncode, done.stdout) == (0, f"xinzhou-energy {__version__}\n")


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (("solve",), "solve"),
        (("run",), "FILE"),
        (("run", "--fast", "plan.yaml"), "--fast"),
        (("validate",), "FILE"),
        (("run", "plan.yaml", "--results", "pyproject.toml"), "--results"),
        (("schema", "--write", "no/such/folder/schema.json"), "--write"),
    ],
)
def test_wrong_usage_gives_exit_code_2_and_names_the_word(
    command: Command, arguments: tuple[str, ...], word: str
) -> None:
    done = command(*arguments)
    assert done.returncode == 2
    assert done.stdout == ""
    assert word in done.stderr


def test_schema_is_json_and_written_the_same_to_a_file(command: Command, tmp_path: Path) -> None:
    printed = command("schema")
    written = command("schema", "--write", tmp_path / "模式.json")
    assert (printed.returncode, written.returncode) == (0, 0)
    document = json.loads(printed.stdout)
    assert "siting" in document["properties"]
    assert json.loads((tmp_path / "模式.json").read_text(encoding="utf-8")) == document


def test_schema_stays_whole_on_a_code_page_without_chinese(command: Command) -> None:
    utf8 = command("schema")
    latin = command("schema", PYTHONUTF8="0", PYTHONIOENCODING="cp1252", encoding="cp1252")
    assert latin.returncode == 0
    assert json.loads(latin.stdout) == json.loads(utf8.stdout)


def test_list_shows_every_shipped_scenario_in_both_languages(command: Command) -> None:
    done = command("list", COLUMNS="140")
    assert done.returncode == 0
    for name in SHIPPED:
        assert name in done.stdout
    assert "Base year 2025" in done.stdout
    assert "2025 基准年" in done.stdout


def test_list_names_a_faulty_scenario_and_goes_on(command: Command, tmp_path: Path) -> None:
    write(tmp_path, "year: 2025\n", "good.yaml")
    write(tmp_path, "year: last\n", "bad.yaml")
    done = command("list", "--scenarios", tmp_path)
    assert done.returncode == 0
    assert "Trial" in done.stdout
    assert "bad" in done.stdout
    assert "有误" in done.stdout


def test_list_runs_shows_stored_runs_and_passes_over_broken_ones(command: Command, tmp_path: Path) -> None:
    whole = {
        "scenario": "mine",
        "run": "0123456789ab",
        "status": "ok",
        "created": "2026-03-01T08:00:00+00:00",
        "method": {"siting": "hipo", "dispatch": "simplex"},
        "objectives": {"net": -1.5e9},
    }
    runs = {"0123456789ab": json.dumps(whole), "ffffffffffff": "{", ".0123456789ac.17.tmp": json.dumps(whole)}
    for run, text in runs.items():
        folder = tmp_path / "mine" / run
        folder.mkdir(parents=True)
        (folder / "manifest.json").write_text(text, encoding="utf-8")
        (folder / "scenario.json").write_text('{"market": "tight"}', encoding="utf-8")
    done = command("list", "--runs", "--results", tmp_path, COLUMNS="200")
    assert done.returncode == 0
    assert done.stdout.count("0123456789ab") == 1
    for word in ("tight", "2026-03-01 08:00", "siting hipo, dispatch simplex", "-15.00 亿元 (-1.50 bn CNY)"):
        assert word in done.stdout
    assert "ffffffffffff" not in done.stdout


def test_list_runs_says_so_when_nothing_is_stored(command: Command, tmp_path: Path) -> None:
    done = command("list", "--runs", "--results", tmp_path / "none")
    assert done.returncode == 0
    assert "no stored run" in done.stdout


def test_validate_says_ok_in_both_languages(command: Command) -> None:
    done = command("validate", "scenarios/base_2025.yaml")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines() == ["scenarios/base_2025.yaml: 正确 OK  2025 基准年 / Base year 2025"]


def test_validate_gives_every_finding_of_every_file_with_its_line(command: Command, tmp_path: Path) -> None:
    first = write(tmp_path, "year: 2025\nsede: 2\nload:\n  energy: 165 亿千瓦\n", "first.yaml")
    second = write(tmp_path, "year: 2026\n", "second.yaml")
    done = command("validate", first, second, first)
    assert done.returncode == 2
    assert done.stdout == ""
    assert f"{first}:3  sede" in done.stderr
    assert "Did you mean 'seed'?" in done.stderr
    assert f"{first}:5  load.energy" in done.stderr
    assert "共 2 处" in done.stderr
    assert done.stderr.count("Did you mean 'seed'?") == 1  # a finding already listed is not repeated
    assert "2 shown above" in done.stderr
    assert "market" in done.stderr  # of the second file: every year after 2025 states its market


def test_validate_of_a_good_and_a_bad_file_reports_both(command: Command, tmp_path: Path) -> None:
    done = command("validate", tmp_path / "absent.yaml", "scenarios/base_2025.yaml")
    assert done.returncode == 2
    assert "absent.yaml" in done.stderr
    assert "正确 OK" in done.stdout


def test_validate_checks_names_against_the_tables(command: Command, tmp_path: Path) -> None:
    path = write(tmp_path, "year: 2025\nprojects:\n  P9999: {in_service: true}\n")
    done = command("validate", path)
    assert done.returncode == 2
    assert "P9999" in done.stderr
    assert f"{path}:" in done.stderr


def test_run_of_a_faulty_scenario_leaves_nothing_behind(command: Command, tmp_path: Path) -> None:
    path = write(tmp_path, "year: 2025\nsede: 2\n")
    done = command("run", path, "--results", tmp_path / "results")
    assert done.returncode == 2
    assert done.stdout == ""
    assert "sede" in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "results").exists()


def test_run_json_gives_findings_as_json_only(command: Command, tmp_path: Path) -> None:
    path = write(tmp_path, "year: 2025\nsede: 2\n")
    done = command("run", path, "--json", "--results", tmp_path / "results")
    assert done.returncode == 2
    document = json.loads(done.stdout)
    assert (document["status"], document["exit_code"]) == ("error", 2)
    assert [(found["code"], found["line"], found["path"]) for found in document["findings"]] == [
        ("unknown-key", 3, "sede")
    ]


@pytest.mark.parametrize("code_page", ["ascii", "cp1252", "gbk"])
def test_any_code_page_shows_errors_and_help(command: Command, tmp_path: Path, code_page: str) -> None:
    path = write(tmp_path, "year: 2025\nsede: 2\n")
    page = {"PYTHONUTF8": "0", "PYTHONIOENCODING": code_page, "encoding": code_page}
    for arguments, code, word in ((("validate", path), 2, "sede"), (("--help",), 0, "schema")):
        done = command(*arguments, **page)
        assert done.returncode == code
        assert word in done.stdout + done.stderr
        assert "Traceback" not in done.stderr
