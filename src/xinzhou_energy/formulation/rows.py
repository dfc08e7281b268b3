"""Rows PyPSA does not know: one long table, one mechanism for adding them and for reopening a stored run.

In: a table with one line per term (`ROW_COLUMNS`). Out: constraints in a plain `linopy.Model`, one per stage and
origin, and their duals.

    id               origin          stage     variable         name            snapshot  coefficient  sense  rhs
    siting_total:PV  siting_total    siting    Generator-p_nom  Hequ new solar  NaT       1.0          =      1450.0
    siting_total:PV  siting_total    siting    Generator-p_nom  Kelan new solar NaT       1.0          =      1450.0
    ramp:P001:...    ramp            dispatch  Generator-p      P001            01-01 01  1.0          <=     300.0

`commitment` names the promise a row belongs to, '' where it belongs to none.
"""

from __future__ import annotations

from collections.abc import Iterator

import linopy
import numpy as np
import pandas as pd
import xarray as xr

from xinzhou_energy.errors import Finding, FormulationError, Where, nearest

ROW_COLUMNS: tuple[str, ...] = (
    "id", "origin", "stage", "variable", "name", "snapshot", "coefficient", "sense", "rhs", "commitment",
)  # fmt: skip
STAGES: tuple[str, ...] = ("siting", "dispatch")
SENSES: tuple[str, ...] = ("<=", ">=", "=")


def empty_rows() -> pd.DataFrame:
    """Return a table of rows without any row, with the column types the store expects."""
    text = [column for column in ROW_COLUMNS if column not in {"snapshot", "coefficient", "rhs"}]
    types = dict.fromkeys(text, "str") | {
        "snapshot": "datetime64[us]",
        "coefficient": "float64",
        "rhs": "float64",
    }
    return pd.DataFrame({column: pd.Series(dtype=types[column]) for column in ROW_COLUMNS})


def as_rows(frame: pd.DataFrame) -> pd.DataFrame:
    """Return a table with the columns of `ROW_COLUMNS`; without a `commitment` its rows belong to none."""
    return frame.reindex(columns=list(ROW_COLUMNS)).fillna({"commitment": ""})


def apply_rows(model: linopy.Model, rows: pd.DataFrame) -> None:
    """Add every row of the table to the model; terms with the same `id` form one row.

    Parameters
    ----------
    model
        As `network.optimize.create_model` built it; changed in place.
    rows
        Columns of `ROW_COLUMNS` (others are ignored); `snapshot` is NaT for variables without time. `coefficient`
        is in the unit of the row per unit of the variable, `rhs` in the unit of the row.

    Raises
    ------
    FormulationError
        If a variable, name, snapshot, stage or sense is unknown, a number is not finite, a term stands twice, or
        the terms of one row disagree about origin, stage, sense or right-hand side. Nothing is added then.
    """
    if rows.empty:
        return
    findings = list(_table_findings(rows))
    if findings:
        raise FormulationError(findings)
    labels = _labels(model, rows)
    for name, block in _blocks(rows):
        _add_block(model, name, block, labels[block.index])


def row_duals(model: linopy.Model, rows: pd.DataFrame) -> pd.Series:
    """Return the dual of its row for every line of the table, aligned with `rows`.

    Parameters
    ----------
    model
        Solved, with these rows applied by `apply_rows`.
    rows
        The same table.

    Returns
    -------
    Series of float, name `dual`
        Change of the objective [CNY] per unit of the right-hand side.

    Raises
    ------
    FormulationError
        If a row is not in the model or the model holds no duals.
    """
    parts = []
    for name, block in _blocks(rows):
        if name not in model.constraints or "dual" not in model.constraints[name]:
            raise FormulationError(
                Finding(
                    "missing-dual",
                    Where("constraints", 0, name),
                    "no dual",
                    "a solved row",
                    "Solve the model first.",
                )
            )
        dual = model.constraints[name].dual
        by_id = pd.Series(np.asarray(dual.values, dtype=float), index=dual.indexes["row"])
        parts.append(by_id.reindex(block["id"].astype(str)).set_axis(block.index))
    duals = pd.concat(parts) if parts else pd.Series(dtype="float64")
    return duals.reindex(rows.index).rename("dual")


def _blocks(rows: pd.DataFrame) -> Iterator[tuple[str, pd.DataFrame]]:
    """Yield (constraint name, terms): one block per stage and origin.

    An origin that mixes very short and very long rows (an hourly limit and a yearly budget) is cut by powers of two
    of the row length, because linopy pads every row of a constraint to the longest.
    """
    frame = rows.reset_index(drop=True).assign(_position=rows.index)
    for (stage, origin), block in frame.groupby(["stage", "origin"], sort=True, observed=True):
        length = block.groupby("id", observed=True)["coefficient"].transform("size")
        size = np.ceil(np.log2(length)).astype(int)
        for power, part in block.groupby(size):
            suffix = "" if size.min() == size.max() else f"-{power}"
            yield f"{stage}-{origin}{suffix}", part.set_index("_position")


def _add_block(model: linopy.Model, name: str, block: pd.DataFrame, labels: pd.Series) -> None:
    """Add the rows of one origin as one constraint with dimension `row`."""
    row, ids = pd.factorize(block["id"].astype(str))
    term = block.groupby(row).cumcount().to_numpy()
    shape = (len(ids), int(term.max()) + 1)
    variables = np.full(shape, -1, dtype=np.int64)
    coefficients = np.zeros(shape)
    variables[row, term] = labels.to_numpy()
    coefficients[row, term] = block["coefficient"].to_numpy()
    first = block.groupby(row).first()
    coords = {"row": np.asarray(ids, dtype=object)}
    data = xr.Dataset(
        {
            "coeffs": (("row", "_term"), coefficients),
            "vars": (("row", "_term"), variables),
            "const": (("row",), np.zeros(len(ids))),
        },
        coords=coords,
    )
    sense = xr.DataArray(first["sense"].astype(str).to_numpy(dtype="U2"), dims="row", coords=coords)
    rhs = xr.DataArray(first["rhs"].to_numpy(dtype=float), dims="row", coords=coords)
    model.add_constraints(linopy.LinearExpression(data, model), sense, rhs, name=name)


def _labels(model: linopy.Model, rows: pd.DataFrame) -> pd.Series:
    """Return linopy's variable label for every term."""
    labels = pd.Series(-1, index=rows.index, dtype="int64")
    findings: list[Finding] = []
    for variable, terms in rows.groupby("variable", observed=True):
        if variable not in model.variables:
            remedy = nearest(str(variable), list(model.variables))
            findings.append(_finding("unknown-variable", terms, str(variable), "a variable of the model", remedy))
            continue
        labels[terms.index] = _variable_labels(model.variables[str(variable)].labels, terms)
        lost = terms[labels[terms.index] < 0]
        if len(lost):
            found = ", ".join(_term_name(term) for _, term in lost.head(3).iterrows())
            remedy = "Give a name and a snapshot that this variable has, and no snapshot where it has no time."
            findings.append(_finding("unknown-term", lost, found, f"terms of {variable}", remedy))
    if findings:
        raise FormulationError(findings)
    return labels


def _variable_labels(labels: xr.DataArray, terms: pd.DataFrame) -> np.ndarray:
    """Look the terms of one variable up; -1 where it has no such entry."""
    timed = "snapshot" in labels.dims
    entity = next(str(dim) for dim in labels.dims if dim != "snapshot")
    column = labels.indexes[entity].get_indexer(pd.Index(terms["name"].astype(str)))
    snapshots = pd.DatetimeIndex(pd.to_datetime(terms["snapshot"]))
    if not timed:
        found = np.where(column >= 0, labels.to_numpy()[column], -1)
        return np.where(snapshots.isna(), found, -1)
    line = labels.indexes["snapshot"].get_indexer(snapshots)
    values = labels.transpose("snapshot", entity).to_numpy()
    return np.where((column >= 0) & (line >= 0), values[line, column], -1)


def _table_findings(rows: pd.DataFrame) -> Iterator[Finding]:
    """Yield what is wrong with the table itself, before the model is looked at."""
    for column, known in (("stage", STAGES), ("sense", SENSES)):
        wrong = rows[~rows[column].astype(str).isin(known)]
        if len(wrong):
            found = str(wrong[column].iloc[0])
            yield _finding(f"unknown-{column}", wrong, found, " or ".join(known), nearest(found, known))
    finite = np.isfinite(rows[["coefficient", "rhs"]].to_numpy(dtype=float)).all(axis=1)
    infinite = rows[~finite]
    if len(infinite):
        found = f"{infinite['coefficient'].iloc[0]} and {infinite['rhs'].iloc[0]}"
        yield _finding("not-finite", infinite, found, "finite numbers", "Leave out rows that limit nothing.")
    twice: pd.DataFrame = rows[rows.duplicated(["id", "variable", "name", "snapshot"])]
    if len(twice):
        yield _finding("duplicate-term", twice, _term_name(twice.iloc[0]), "each term once", "Add the coefficients up.")
    shared = ["origin", "stage", "sense", "rhs"]
    torn: pd.DataFrame = rows[rows["id"].isin(_ids_with_many(rows.drop_duplicates(["id", *shared])))]
    if len(torn):
        yield _finding(
            "torn-row", torn, "terms that disagree", f"one {', '.join(shared)} per id", "Give each row an id."
        )


def _ids_with_many(rows: pd.DataFrame) -> pd.Series:
    """Return the ids that stand more than once."""
    return rows.loc[rows["id"].duplicated(), "id"]


def _term_name(term: pd.Series) -> str:
    """Return a term as a reader would write it."""
    when = "" if pd.isna(term["snapshot"]) else f", {term['snapshot']}"
    return f"{term['variable']}[{term['name']}{when}]"


def _finding(code: str, terms: pd.DataFrame, found: str, expected: str, remedy: str) -> Finding:
    """Return a finding that points at the first of the terms."""
    more = "" if len(terms) == 1 else f" (and {len(terms) - 1} more)"
    return Finding(code, Where("constraints", 0, f"{terms['id'].iloc[0]}{more}"), found, expected, remedy)
