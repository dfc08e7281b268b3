"""What came out: metrics, hourly series and topology of a run, stored so that plain PyPSA can open it."""

from xinzhou_energy.results.collect import collect
from xinzhou_energy.results.manifest import Manifest
from xinzhou_energy.results.reopen import reopen
from xinzhou_energy.results.run_result import RunResult
from xinzhou_energy.results.store import find_run, load_run, store
from xinzhou_energy.results.summary import summary_table

__all__ = ["Manifest", "RunResult", "collect", "find_run", "load_run", "reopen", "store", "summary_table"]
