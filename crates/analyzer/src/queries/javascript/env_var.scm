; Reads of environment variables in JavaScript and TypeScript. `@site` is the expression, `@name` a
; literal name, `@computed` a name that is not literal, `@field` the names of a destructuring.
((member_expression
   object: (member_expression object: (identifier) @p property: (property_identifier) @e)
   property: (property_identifier) @name) @site
 (#eq? @p "process") (#eq? @e "env"))
((subscript_expression
   object: (member_expression object: (identifier) @p property: (property_identifier) @e)
   index: (_) @computed) @site
 (#eq? @p "process") (#eq? @e "env"))
((member_expression
   object: (member_expression object: (identifier) @p property: (property_identifier) @e)
   property: (property_identifier) @name) @site
 (#eq? @p "Bun") (#eq? @e "env"))
((member_expression object: (member_expression) @meta property: (property_identifier) @name) @site
 (#eq? @meta "import.meta.env"))
((variable_declarator
   name: (object_pattern) @fields
   value: (member_expression object: (identifier) @p property: (property_identifier) @e)) @site
 (#eq? @p "process") (#eq? @e "env"))
((call_expression function: (member_expression) @f arguments: (arguments . (_) @computed)) @site
 (#eq? @f "Deno.env.get"))
; Calls that may be of a helper which reads the variable it is given the name of.
((call_expression function: (_) @helper arguments: (arguments . (string) @literal)) @call)
