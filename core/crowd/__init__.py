"""What a crowd believes and how far to trust it: pure functions of answers. Rule and formulas are in README.md."""
