"""Hourly profiles: the seeded synthetic weather of Xinzhou, its load, river and reference market price."""
