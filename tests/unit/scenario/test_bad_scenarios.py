"""Bad input: every case says code, file and line, key, and words of the remedy; nothing passes in silence."""

from __future__ import annotations

from pathlib import Path

import pytest

from xinzhou_energy.errors import Finding, ScenarioError
from xinzhou_energy.scenario import load_scenario

HEAD = "name: {zh: 甲, en: A}\nyear: 2030\nmarket: frozen\n"  # lines 1-3; a case goes on at line 4
SITING = "siting:\n  total: 2.45 GW\n  onwind: 1 GW\n  onwind_min: 0.7 GW\n  onwind_max: 1.4 GW\n"  # lines 4-8


def sited(old: str, new: str) -> str:
    """Return a scenario with siting, one value of it changed."""
    return HEAD + SITING.replace(old, new)


# name: (text or bytes of a.yaml, "code line key" of the finding, words of its remedy)
CASES: dict[str, tuple[str | bytes, str, str]] = {
    "misspelt key": (HEAD + "corridr: {option: ac}\n", "unknown-key 4 corridr", "'corridor'"),
    "misspelt nested key": (sited("total", "totl"), "unknown-key 5 siting.totl", "Did you mean 'total'?"),
    "unknown key without likeness": (HEAD + "年份: 2026\n", "unknown-key 4 年份", "Known names: additions"),
    "unknown key set to null": (HEAD + "corridr: null\n", "unknown-key 4 corridr", "'corridor'"),
    "unknown key, value below": (HEAD + "corridr:\n  ac\n", "unknown-key 4 corridr", "'corridor'"),
    "missing unit": (sited("2.45 GW", "2450"), "unit-missing 5 siting.total", "'2450 MW'"),
    "unknown unit": (sited("2.45 GW", "2.45 GWW"), "unknown-unit 5 siting.total", "'GW'"),
    "wrong case of unit": (sited("2.45 GW", "2.45 gw"), "unknown-unit 5 siting.total", "'GW'"),
    "wrong dimension": (sited("2.45 GW", "300 CNY/MWh"), "wrong-dimension 5 siting.total", "万千瓦"),
    "power for energy": (
        HEAD + "load:\n  energy: 165 亿千瓦\n",
        "wrong-dimension 5 load.energy",
        "'165 亿千瓦时'",
    ),
    "negative": (sited("0.7 GW", "-700 MW"), "out-of-range 7 siting.onwind_min", "minus sign"),
    "1000 times too large": (
        sited("2.45 GW", "2450 GW"),
        "out-of-range 5 siting.total",
        "1000 times too large",
    ),
    "1000 times too small": (
        sited("2.45 GW", "2.45 MW"),
        "out-of-range 5 siting.total",
        "1000 times too small",
    ),
    "price in the wrong scale": (
        HEAD + "corridor: {option: ac, price: 330 元/千瓦时}\n",
        "out-of-range 4 corridor.price",
        "1000 times",
    ),
    "factor out of range": (HEAD + "grid: {line_factor: 16}\n", "out-of-range 4 grid.line_factor", "Check"),
    "year out of range": (HEAD.replace("2030", "1999"), "out-of-range 2 year", "within the limits"),
    "year with a fraction": (HEAD.replace("2030", "2030.5"), "not-a-whole-number 2 year", "digits only"),
    "year in quotes": (HEAD.replace("2030", "'2030'"), "not-a-whole-number 2 year", "without quotes"),
    "year as yes": (HEAD.replace("2030", "true"), "not-a-whole-number 2 year", "digits only"),
    "year of endless digits": (HEAD.replace("2030", "9" * 5000), "not-finite 2 year", "Give a number"),
    "full-width year": (HEAD.replace("2030", "２０３０"), "full-width 2 year", "Write 2030"),
    "full-width quantity": (sited("2.45 GW", "２４５ 万千瓦"), "full-width 5 siting.total", "'245 万千瓦'"),
    "not a number": (
        HEAD + "grid: {line_factor: .nan}\n",
        "not-finite 4 grid.line_factor",
        "delete the line",
    ),
    "infinite": (HEAD + "calibration:\n  a_mid: .inf\n", "not-finite 5 calibration.a_mid", "Give a number"),
    "nan in quotes": (sited("2.45 GW", "nan MW"), "not-finite 5 siting.total", "finite number"),
    "list for a quantity": (
        sited("2.45 GW", "[1, 2]"),
        "not-a-quantity 5 siting.total",
        "a number and its unit",
    ),
    "quantity in words": (HEAD + "load: {energy: 很多}\n", "not-a-quantity 4 load.energy", "digits"),
    "code for a quantity": (
        HEAD + "load: {energy: __import__('os')}\n",
        "not-a-quantity 4 load.energy",
        "digits",
    ),
    "yes for true": (
        HEAD + "grid: {hebei_south: yes}\n",
        "not-true-or-false 4 grid.hebei_south",
        "true or false",
    ),
    "unknown choice": (HEAD.replace("frozen", "frozn"), "not-a-choice 3 market", "Did you mean 'frozen'?"),
    "unknown carrier": (
        HEAD + SITING + "  p_nom_max:\n    Shenchi: {wind: 240 MW}\n",
        "unknown-key 10 siting.p_nom_max.Shenchi.wind",
        "'onwind'",
    ),
    "unknown variable": (
        HEAD + "profiles:\n  solr: {file: a.csv, format: csv}\n",
        "unknown-key 5 profiles.solr",
        "'solar'",
    ),
    "scalar for a block": (HEAD + "corridor: ac\n", "not-a-mapping 4 corridor", "indented below"),
    "missing name": ("year: 2025\n", "missing-key 0 name", "Add 'name:'"),
    "missing English name": ("name: {zh: 甲}\nyear: 2025\n", "missing-key 1 name.en", "Add 'en:'"),
    "missing year": ("name: {zh: 甲, en: A}\n", "missing-key 0 year", "Add 'year:'"),
    "year left empty": ("name: {zh: 甲, en: A}\nyear:\nseed: 1\n", "missing-key 2 year", "Add 'year:'"),
    "no market after 2025": (
        HEAD.replace("market: frozen\n", ""),
        "market-missing 0 market",
        "'market: tight'",
    ),
    "corridor too early": (
        HEAD.replace("2030", "2026") + "corridor: {option: ac}\n",
        "corridor-too-early 4 corridor.option",
        "2029",
    ),
    "size of no corridor": (
        HEAD + "corridor:\n  p_nom: 4 GW\n",
        "corridor-not-built 5 corridor.p_nom",
        "option: ac",
    ),
    "limit of no corridor": (
        HEAD + "corridor:\n  p_nom_max: 4 GW\n",
        "corridor-not-built 5 corridor.p_nom_max",
        "option: ac",
    ),
    "corridor of given and open size": (
        HEAD + "corridor:\n  option: ac\n  p_nom: 4 GW\n  p_nom_max: 8 GW\n",
        "contradiction 7 corridor.p_nom_max",
        "Delete one of them",
    ),
    "wind outside its bounds": (sited("1 GW", "1.5 GW"), "contradiction 6 siting.onwind", "widen its bounds"),
    "more wind than total": (sited("2.45 GW", "0.9 GW"), "contradiction 6 siting.onwind", "raise total"),
    "bounds swapped": (sited("0.7 GW", "1.5 GW"), "contradiction 7 siting.onwind_min", "Swap"),
    "capacities do not add up": (
        HEAD + SITING + "  capacity:\n    Shenchi: {onwind: 1 GW}\n",
        "contradiction 9 siting.capacity",
        "agree",
    ),
    "wind of the capacities": (
        HEAD + SITING + "  capacity:\n    Shenchi: {onwind: 2.45 GW}\n",
        "contradiction 9 siting.capacity",
        "wind",
    ),
    "bad plant id": (HEAD + "projects:\n  ../P006: {}\n", "bad-name 5 projects.../P006", "letters"),
    "battery without size": (
        HEAD + "batteries:\n  NW500: {max_hours: 2 h}\n",
        "contradiction 5 batteries.NW500.p_nom",
        "Write one of them",
    ),
    "battery of given and open size": (
        HEAD + "batteries:\n  NW500: {p_nom: 1 GW, p_nom_max: 2 GW, max_hours: 2 h}\n",
        "contradiction 5 batteries.NW500.p_nom",
        "Write one of them",
    ),
    "table row as a block": (
        HEAD + "economics:\n  wind: {lifetime: 25}\n",
        "not-a-quantity 5 economics.wind",
        "'wind.lifetime: 25 years'",
    ),
    "address for a path": (
        HEAD + "data: {overlay: 'https://example.org/x'}\n",
        "bad-path 4 data.overlay",
        "relative to the scenario",
    ),
    "file that is not there": (
        HEAD + "profiles:\n  load:\n    file: mine.csv\n    format: csv\n",
        "no-file 6 profiles.load.file",
        "folder",
    ),
    "overlay that is not there": (
        HEAD + "data: {overlay: mine}\n",
        "no-file 4 data.overlay",
        "Paths start at",
    ),
    "other id than the file": ("id: b\n" + HEAD, "id-mismatch 1 id", "rename the file"),
    "empty file": ("", "empty 0", "extends: base_2025"),
    "only comments": ("# 空\n\n", "empty 0", "extends: base_2025"),
    "a list": ("- year: 2026\n", "not-a-mapping 1", "key: value"),
    "a text": ("计划\n", "not-a-mapping 1", "key: value"),
    "duplicate key": (HEAD + "year: 2031\n", "duplicate-key 4 year", "Delete line 2 or line 4"),
    "duplicate nested key": (
        HEAD + SITING + "  total: 3 GW\n",
        "duplicate-key 9 siting.total",
        "Delete line 5 or line 9",
    ),
    "python tag": (
        HEAD + "load: !!python/object/apply:os.system ['touch owned']\n",
        "tag 4 load",
        "Delete the tag",
    ),
    "own tag": (HEAD + "load: !mine {energy: 165 亿千瓦时}\n", "tag 4 load", "Delete the tag"),
    "anchor": (HEAD + "load: &x {energy: 165 亿千瓦时}\n", "anchor 4 load", "'extends:'"),
    "merge key": (HEAD + "grid:\n  <<: {line_factor: 2}\n", "key 5 grid", "'extends:'"),
    "tab": (HEAD + "load:\n\tenergy: 165 亿千瓦时\n", "tab 5", "two spaces"),
    "open bracket": (HEAD + "grid: {line_factor: 2\n", "yaml-syntax 5", "brackets"),
    "two documents": (HEAD + "---\nyear: 2026\n", "yaml-syntax 4", "Check"),
    "control character": (HEAD + "seed: \x07\n", "yaml-syntax 4", "by hand"),
    "nested without end": ("a: " + "[" * 600, "yaml-syntax 1", "by hand"),
    "GBK": ((HEAD + "# 忻州").encode("gbk"), "encoding 1", "UTF-8"),
    "GBK further down": (b"year: 2025\nseed: 1\nname: " + "忻州".encode("gbk"), "encoding 3", "另存为"),
    "UTF-16": (HEAD.encode("utf-16"), "encoding 1", "UTF-8"),
    "extends out of the folder": ("extends: ../base\n" + HEAD, "path-escape 1 extends", "without folder"),
    "extends an absolute path": ("extends: /etc/passwd\n" + HEAD, "path-escape 1 extends", "without folder"),
    "extends a file name": ("extends: other.yaml\n" + HEAD, "path-escape 1 extends", "Did you mean 'other'?"),
    "extends a list": ("extends: [other]\n" + HEAD, "path-escape 1 extends", "without folder"),
    "extends what is not there": ("extends: othr\n" + HEAD, "unknown-scenario 1 extends", "'other'"),
    "extends itself": ("extends: a\n" + HEAD, "cyclic-extends 1 extends", "Delete one 'extends:'"),
}


def findings_of(path: Path) -> tuple[Finding, ...]:
    with pytest.raises(ScenarioError) as caught:
        load_scenario(path)
    return caught.value.findings


def write(folder: Path, stem: str, text: str | bytes) -> Path:
    path = folder / f"{stem}.yaml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode("utf-8"))
    return path


@pytest.mark.parametrize("name", CASES)
def test_bad_input_is_refused_with_place_and_remedy(tmp_path: Path, name: str) -> None:
    text, expected, remedy = CASES[name]
    write(tmp_path, "other", HEAD)
    path = write(tmp_path, "a", text)
    found = {f"{f.code} {f.where.line} {f.where.path}".rstrip(): f for f in findings_of(path)}
    assert expected in found
    assert found[expected].where.file == str(path)
    assert remedy in found[expected].remedy
    assert sorted(tmp_path.iterdir()) == [path, tmp_path / "other.yaml"], "bad input leaves nothing behind"


#: Cases whose one slip is reported twice, because the value is missing where it should have stood.
TWICE = {"misspelt nested key", "more wind than total"}


@pytest.mark.parametrize("name", sorted(set(CASES) - TWICE))
def test_one_slip_makes_one_finding(tmp_path: Path, name: str) -> None:
    write(tmp_path, "other", HEAD)
    assert len(findings_of(write(tmp_path, "a", CASES[name][0]))) == 1


def test_all_findings_of_a_file_come_at_once_in_order_of_line(tmp_path: Path) -> None:
    text = (
        HEAD.replace("frozen", "frozn")
        + SITING.replace("2.45 GW", "2450")
        + "yaer: 2026\nseed: 0\nseed: 2\nload: !x 3\n"
    )
    findings = findings_of(write(tmp_path, "a", text))
    assert [(finding.where.line, finding.code) for finding in findings] == [
        (3, "not-a-choice"),
        (5, "unit-missing"),
        (9, "unknown-key"),
        (10, "out-of-range"),
        (11, "duplicate-key"),
        (12, "tag"),
    ]


def test_inherited_slip_names_the_file_it_was_made_in(tmp_path: Path) -> None:
    base = write(tmp_path, "base", HEAD + "load:\n  energy: 165 TW\n")
    path = write(tmp_path, "a", "extends: base\nname: {zh: 乙, en: B}\nyaer: 2031\n")
    findings = findings_of(path)
    assert [(f.where.file, f.where.line, f.code) for f in findings] == [
        (str(path), 3, "unknown-key"),
        (str(base), 5, "wrong-dimension"),
    ]


def test_slip_overridden_by_the_child_is_no_slip_of_the_child(tmp_path: Path) -> None:
    write(tmp_path, "base", HEAD + "load:\n  energy: 165 TW\n")
    path = write(tmp_path, "a", "extends: base\nname: {zh: 乙, en: B}\nload: {energy: 165 亿千瓦时}\n")
    assert load_scenario(path).load.energy == 16_500_000


def test_name_is_not_inherited(tmp_path: Path) -> None:
    write(tmp_path, "base", HEAD)
    findings = findings_of(write(tmp_path, "a", "extends: base\nseed: 2\n"))
    assert [(finding.code, finding.where.path) for finding in findings] == [("missing-key", "name")]


def test_cycle_shows_the_whole_chain(tmp_path: Path) -> None:
    for stem, base in (("a", "b"), ("b", "c"), ("c", "a")):
        write(tmp_path, stem, f"extends: {base}\nname: {{zh: 甲, en: A}}\n")
    (finding,) = findings_of(tmp_path / "a.yaml")
    assert finding.found == "a → b → c → a"
    assert finding.where.file == str(tmp_path / "c.yaml")


def test_unreadable_base_is_reported_with_the_slips_of_the_child(tmp_path: Path) -> None:
    base = write(tmp_path, "base", "")
    path = write(tmp_path, "a", "extends: base\nid: b\nname: {zh: 甲, en: A}\n")
    assert [(f.code, f.where.file) for f in findings_of(path)] == [
        ("id-mismatch", str(path)),
        ("empty", str(base)),
    ]


def test_missing_file_lists_the_scenarios_of_the_folder(tmp_path: Path) -> None:
    write(tmp_path, "base", HEAD)
    (finding,) = findings_of(tmp_path / "bas.yaml")
    assert (finding.code, finding.found) == ("no-file", "no such file")
    assert "base" in finding.remedy


def test_folder_instead_of_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").mkdir()
    assert findings_of(tmp_path / "a.yaml")[0].code == "no-file"


@pytest.mark.parametrize("name", ["计划.yaml", "Plan 2026.yaml", "a.yml", "..yaml"])
def test_file_name_must_be_an_id(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_text(HEAD, encoding="utf-8")
    (finding,) = findings_of(path)
    assert finding.code == "file-name"
    assert "Rename" in finding.remedy
