"""Rotation: functions that rotate secrets, and the engine that runs them."""
