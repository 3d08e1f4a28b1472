; Reads of environment variables in Java are found by extract/env_var/jvm.rs: their names are constants of any class.
