"""The Slack front end (Bolt): the same use cases as the LMS's pages, in a channel."""
