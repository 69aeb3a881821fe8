"""What Heirloom knows; no Flask, no Slack. The floors and their rule are described in docs/architecture.md."""
