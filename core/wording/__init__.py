"""What can be said of people's words without knowing who wrote them: pure functions of texts."""
