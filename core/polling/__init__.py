"""What a poll can ask, what its answers add up to, and how a class moved: pure functions. The rule is in README.md."""
