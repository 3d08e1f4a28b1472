; Reads of environment variables in C#; the captures are those of queries/python/env_var.scm.
