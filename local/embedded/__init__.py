"""Real servers from wheels on loopback ports, and the processes of the application beside them.

`./iort up` and the tests start PostgreSQL, Valkey, an S3 server and a mail box from here; the
application is told where they are by the same `IORT_*` variables that a production installation
sets, so nothing outside this folder knows whether it runs embedded.
"""
