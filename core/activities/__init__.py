"""The verbs. One noun a file, each use case one function.

A function here takes a database session and plain values (`now` and `rng` among them), gives back plain frozen
values, and never commits: the front end opened the transaction and closes it. Nothing here knows a request, a cookie
or a network.
"""
