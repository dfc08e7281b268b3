"""Exit code and words for every kind of error, in the process itself: the run is replaced by one that fails."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from xinzhou_energy import errors
from xinzhou_energy.cli import run as run_command
from xinzhou_energy.cli.main import main
from xinzhou_energy.errors import Finding, Where

FINDING = Finding("made-up", Where("plan.yaml", 4, "siting.total"), "-3 MW", "0 MW or more", "Give a size above zero.")


def start(monkeypatch: pytest.MonkeyPatch, failure: BaseException, *options: str) -> int:
    """Run the command with a solve that raises `failure`, and return the exit code."""

    def fail(*_: object, **__: object) -> None:
        raise failure

    monkeypatch.setattr(run_command, "solve", fail)
    monkeypatch.setattr(sys, "argv", ["xinzhou-energy", "run", "plan.yaml", *options])
    return main()


@pytest.mark.parametrize(
    ("kind", "code", "words"),
    [
        (errors.ScenarioError, 2, "情景有误"),
        (errors.DataError, 2, "数据有误"),
        (errors.ResultError, 2, "结果无法读取"),
        (errors.InfeasibleError, 3, "无可行解"),
        (errors.SolverError, 4, "the solver gave no optimum"),
        (errors.FormulationError, 1, "a rule cannot be written"),
    ],
)
def test_each_error_has_its_exit_code_and_prints_its_finding(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    kind: type[errors.XinzhouError],
    code: int,
    words: str,
) -> None:
    assert start(monkeypatch, kind(FINDING)) == code
    out, err = capsys.readouterr()
    assert out == ""
    assert words in err
    assert str(FINDING) in err


def test_the_exit_code_of_an_error_stands_in_the_json_too(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert start(monkeypatch, errors.InfeasibleError(FINDING), "--json") == 3
    document = json.loads(capsys.readouterr().out)
    assert (document["exit_code"], document["findings"][0]["remedy"]) == (3, FINDING.remedy)


def test_a_bug_shows_one_bilingual_line_and_the_traceback(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert start(monkeypatch, ZeroDivisionError("by hand")) == 1
    out, err = capsys.readouterr()
    assert out == ""
    first, *rest = err.splitlines()
    assert "程序错误" in first
    assert "this is a bug" in first
    assert "ZeroDivisionError: by hand" in first
    assert rest[0].startswith("Traceback")


def test_ctrl_c_gives_130_and_one_line(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    assert start(monkeypatch, KeyboardInterrupt()) == 130
    out, err = capsys.readouterr()
    assert out == ""
    assert len(err.strip().splitlines()) == 1
    assert "已中断" in err


def test_every_error_kind_has_words_of_its_own() -> None:
    from xinzhou_energy.cli.terminal import HEADINGS

    assert set(HEADINGS) == set(errors.XinzhouError.__subclasses__())
    assert Path(errors.__file__).name == "errors.py"
