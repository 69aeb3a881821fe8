"""A small Slack: workspaces, members and the Web API, to try a bot in and to test it against.

It keeps to what Slack documents, strictly, and shares no code with the bot nor with Slack's own libraries: what a
message, a limit or a signature means is written here a second time, so that a mistake on one side shows.
"""
