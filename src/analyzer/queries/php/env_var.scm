; Reads of environment variables in PHP; the captures are those of queries/python/env_var.scm.
