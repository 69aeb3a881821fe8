"""Places to try Heirloom in and to test it against. They share no code with what they test."""
