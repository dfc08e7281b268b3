"""Tables of the city's power system: read, checked by their schemas, joined with a planner's own figures."""
