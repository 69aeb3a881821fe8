"""`python -m heirloom` is the command line."""

from heirloom.cli import main

main()
