"""What Slack shows: pure functions from frozen values to Block Kit. They read nothing and change nothing."""
