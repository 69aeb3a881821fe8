"""How fast Heirloom is, as ratios to the plainest program that does a comparable job: `python -m bench`."""
