; Reads of environment variables in Python through packages. `@site` is the expression, `@computed` the name's node
; (literal or not), `@default` what is used when it is unset, `@class` and `@base` a class
; and what it extends: settings classes are found among them.
((call function: (identifier) @f arguments: (argument_list . (_) @computed)) @site
 (#eq? @f "config") (#set! import "decouple") (#set! form "strict"))
((call function: (identifier) @f arguments: (argument_list . (_) @computed)) @site
 (#eq? @f "config") (#set! import "starlette.config") (#set! form "strict"))
((call function: (identifier) @f arguments: (argument_list . (_) @computed)) @site
 (#eq? @f "env") (#set! import "environ") (#set! form "strict"))
((call function: (attribute object: (identifier) @o attribute: (identifier) @m)
       arguments: (argument_list . (_) @computed)) @site
 (#eq? @o "env") (#any-of? @m "str" "bool" "int" "float" "list" "tuple" "dict" "json" "url" "db" "db_url" "cache" "cache_url" "path" "email_url"
  "date" "datetime" "decimal" "log_level" "search_url" "time" "timedelta" "uuid")
 (#set! import "environ") (#set! form "strict"))
; The same by another name that the file gives the reader: `secret = env`.
((call function: (identifier) @other arguments: (argument_list . (string) @computed)) @site
 (#set! import "environ") (#set! form "strict"))
((call function: (attribute object: (identifier) @other attribute: (identifier) @m)
       arguments: (argument_list . (string) @computed)) @site
 (#any-of? @m "str" "bool" "int" "float" "list" "tuple" "dict" "json" "url" "db" "db_url" "cache" "cache_url" "path" "email_url"
  "date" "datetime" "decimal" "log_level" "search_url" "time" "timedelta" "uuid")
 (#set! import "environ") (#set! form "strict"))
(class_definition superclasses: (argument_list (_) @base)) @class
; Calls that may be of a helper which reads the variable it is given the name of.
((call function: (_) @helper arguments: (argument_list . (string) @literal)) @call)
