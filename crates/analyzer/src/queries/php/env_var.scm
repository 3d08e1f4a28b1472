; Reads of environment variables in PHP. `@site` is the expression, `@computed` the name's node (literal or not).
((function_call_expression function: (name) @f arguments: (arguments . (argument (_) @computed))) @site
 (#any-of? @f "env" "getenv"))
((function_call_expression function: (qualified_name) @f arguments: (arguments . (argument (_) @computed))) @site
 (#any-of? @f "\\env" "\\getenv"))
((scoped_call_expression scope: (_) @c name: (name) @m arguments: (arguments . (argument (_) @computed))) @site
 (#any-of? @c "Env" "\\Env" "\\Illuminate\\Support\\Env") (#any-of? @m "get" "getOrFail"))
((subscript_expression . (variable_name) @v . (_) @computed) @site
 (#any-of? @v "$_ENV"))
((subscript_expression . (variable_name) @v . (_) @computed) @site
 (#any-of? @v "$_SERVER") (#set! form "server"))
; Calls that may be of a helper which reads the variable it is given the name of.
((function_call_expression function: (name) @helper arguments: (arguments . (argument (string) @literal))) @call)
