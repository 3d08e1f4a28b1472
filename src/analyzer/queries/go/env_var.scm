; Reads of environment variables in Go; the captures are those of queries/python/env_var.scm.
