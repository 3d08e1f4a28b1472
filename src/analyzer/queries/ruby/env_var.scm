; Reads of environment variables in Ruby; the captures are those of queries/python/env_var.scm.
