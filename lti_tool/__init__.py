"""The LTI 1.3 front end: launches verified strictly, pages, and the services that the LMS offers.

It translates between HTTP and `core.activities` and opens the transactions; it never imports another front end. The
network is touched only through `lti_tool.egress`, and never inside a transaction.
"""
