; Reads of environment variables in Java; the captures are those of queries/python/env_var.scm.
