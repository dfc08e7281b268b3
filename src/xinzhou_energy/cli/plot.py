"""`xinzhou-energy plot RUN OUT.png`: a stored run of a full year on one sheet."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from xinzhou_energy.cli.terminal import say


def plot(
    run: Annotated[Path, typer.Argument(metavar="RUN", help="结果目录 / Folder of a stored run of a full year.")],
    out: Annotated[Path, typer.Argument(metavar="OUT", dir_okay=False, help="图片 / Picture: .png, .svg or .pdf.")],
) -> None:
    """绘制全年图 / Draw a stored run: energy by month, and a spring week by the hour."""
    from xinzhou_energy.plots import year_figure  # matplotlib and pypsa: seconds that --help must not pay
    from xinzhou_energy.results import load_run

    result, manifest = load_run(run)
    figure = year_figure(result, labels=manifest.labels)
    try:
        figure.savefig(out)
    except (OSError, ValueError) as error:
        message = f"cannot write '{out}': {error}"
        raise typer.BadParameter(message, param_hint="OUT") from None
    say(f"已写入 / written: {out}")
