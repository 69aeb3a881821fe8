"""What to show next: pure functions of ratings. The room's rule, its formulas and its figures are in README.md."""
