; Reads of environment variables in Ruby; the captures are those of queries/python/env_var.scm. `@m` is the method, and
; `@arguments` all names that it is given.
((element_reference object: (constant) @o . (_) @computed) @site (#eq? @o "ENV"))
((element_reference object: (scope_resolution) @o . (_) @computed) @site (#eq? @o "::ENV"))
((call receiver: (constant) @o method: (identifier) @m arguments: (argument_list . (_) @computed) @arguments) @site
 (#eq? @o "ENV"))
((call receiver: (scope_resolution) @o method: (identifier) @m arguments: (argument_list . (_) @computed) @arguments) @site
 (#eq? @o "::ENV"))
; Calls that may be of a helper which reads the variable it is given the name of.
((call method: (identifier) @helper arguments: (argument_list . (string) @literal)) @call)
