; env
