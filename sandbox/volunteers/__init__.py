"""Simulated volunteers of a Quizz-like site: what a way of choosing tasks and goals is worth, before people try it."""
