"""Searches beyond what a manifest asks for: the grid, the fewest environments, the first version that breaks an app."""
