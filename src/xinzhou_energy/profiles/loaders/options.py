"""The option mapping of one profile source, read with every fault named at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from xinzhou_energy.errors import DataError, Finding, Where, nearest


class Options:
    """Typed access to the options a planner wrote for one file.

    Each reader notes a fault and returns its default, so that `check` can raise all of them together.

    Parameters
    ----------
    file
        Name of the data file; faults are reported at this file and ``options.<key>``.
    given
        The options as written.
    known
        Keys this format understands; any other key is a fault.
    """

    def __init__(self, file: str, given: Mapping[str, object], known: Sequence[str]) -> None:
        self._file = file
        self._given = given
        self._findings: list[Finding] = []
        for key in given:
            if key not in known:
                self.fault(key, "unknown-option", f"'{key}'", "an option of this format", nearest(key, known))

    def fault(self, key: str, code: str, found: str, expected: str, remedy: str) -> None:
        """Note a fault of option `key`."""
        self._findings.append(Finding(code, Where(self._file, 0, f"options.{key}"), found, expected, remedy))

    def check(self) -> None:
        """Raise every fault noted so far.

        Raises
        ------
        DataError
            When at least one fault was noted.
        """
        if self._findings:
            raise DataError(self._findings)

    def has(self, key: str) -> bool:
        """Tell whether the option was written."""
        return key in self._given

    def flag(self, key: str) -> bool:
        """Return a true/false option, false when it is not written."""
        value = self._given.get(key, False)
        if isinstance(value, bool):
            return value
        self.fault(key, "wrong-type", repr(value), "true or false", "Write true or false without quotes.")
        return False

    def year(self, key: str, default: int) -> int:
        """Return a calendar year, `default` when it is not written."""
        value = self._given.get(key, default)
        if isinstance(value, int) and not isinstance(value, bool) and 1900 <= value <= 2200:
            return value
        self.fault(key, "wrong-type", repr(value), "a year such as 2024", "Give the calendar year of the data.")
        return default

    def number(self, key: str, low: float, high: float, default: float | None = None) -> float | None:
        """Return a number in low..high, `default` when it is not written."""
        if key not in self._given:
            return default
        return self.check_number(key, self._given[key], low, high)

    def check_number(self, key: str, value: object, low: float, high: float) -> float | None:
        """Return `value` as a float when it is a number in low..high, else note a fault and return None."""
        if isinstance(value, int | float) and not isinstance(value, bool) and low <= value <= high:
            return float(value)
        self.fault(key, "out-of-range", repr(value), f"a number from {low:g} to {high:g}", "Correct this option.")
        return None

    def text(self, key: str) -> str | None:
        """Return a text option, None when it is not written."""
        value = self._given.get(key)
        if value is None or isinstance(value, str):
            return value
        self.fault(key, "wrong-type", repr(value), "a name", "Write a name.")
        return None

    def choice(self, key: str, choices: Sequence[str], default: str | None, why: str) -> str:
        """Return one of `choices`; without a default the option is mandatory and `why` is its remedy."""
        value = self._given.get(key, default)
        if isinstance(value, str) and value in choices:
            return value
        listed = " or ".join(choices)
        if value is None:
            self.fault(key, "missing-option", "nothing", listed, why)
        else:
            self.fault(key, "unknown-choice", repr(value), listed, nearest(str(value), choices))
        return choices[0]

    def names(self, key: str, known: Sequence[str]) -> list[str]:
        """Return the ids of `known` that the option names, in their order (all when it is not written)."""
        value = self._given.get(key)
        if value is None:
            return list(known)
        if isinstance(value, str) or not isinstance(value, Sequence) or not value:
            self.fault(key, "wrong-type", repr(value), "a list of ids", "Write a list such as [Daixian, Fanshi].")
            return list(known)
        named = [str(name) for name in value]
        for name in named:
            if name not in known:
                self.fault(key, "unknown-id", f"'{name}'", "an id of this profile", nearest(name, known))
        return [name for name in known if name in named]

    def mapping(self, key: str) -> Mapping[str, object] | None:
        """Return a nested option, None when it is not written."""
        value = self._given.get(key)
        if value is None or isinstance(value, Mapping):
            return value
        self.fault(key, "wrong-type", repr(value), "a mapping", "Write the keys of this option below it.")
        return None
