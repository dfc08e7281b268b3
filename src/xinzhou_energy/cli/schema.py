"""`xinzhou-energy schema`: the JSON schema that lets editors complete and check scenario files."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from xinzhou_energy.cli.terminal import print_json, say


def schema(
    write: Annotated[
        Path | None,
        typer.Option(metavar="FILE", dir_okay=False, help="写入文件 / Write to a file, such as scenarios/schema.json."),
    ] = None,
) -> None:
    """输出情景文件的 JSON schema / Print the JSON schema of scenario files, for editors."""
    from xinzhou_energy.scenario import json_schema  # pydantic and ruamel.yaml: 0.2 s that --help must not pay

    if write is None:
        print_json(json_schema())
        return
    text = json.dumps(json_schema(), ensure_ascii=False, indent=2) + "\n"
    try:
        write.write_text(text, encoding="utf-8", newline="\n")
    except OSError as error:
        message = f"cannot write '{write}': {error.strerror}"
        raise typer.BadParameter(message, param_hint="--write") from None
    say(f"已写入 / written: {write}")
