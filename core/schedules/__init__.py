"""When something comes next along a term's calendar: pure functions. The rule is in README.md."""
