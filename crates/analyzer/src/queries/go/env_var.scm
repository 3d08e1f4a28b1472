; Go is read by hand in extract/env_var/go.
