"""Heirloom's processes: command line and worker. They read the clock and the environment, and hand both down."""
