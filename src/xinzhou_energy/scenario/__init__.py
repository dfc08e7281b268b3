"""What the planner says: YAML files in, checked scenarios out."""

from xinzhou_energy.scenario.editor import json_schema
from xinzhou_energy.scenario.load import load_scenario, scenario_files
from xinzhou_energy.scenario.quantity import Figure
from xinzhou_energy.scenario.scenario import Scenario

__all__ = ["Figure", "Scenario", "json_schema", "load_scenario", "scenario_files"]
