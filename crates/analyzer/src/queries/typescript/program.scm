; What TypeScript adds to JavaScript's program model (appended to it).
[(as_expression) (satisfies_expression) (non_null_expression)] @is.wrap
(public_field_definition name: (_) @name value: (_) @value) @is.field
[(type_annotation) (type_arguments) (type_parameters) (interface_declaration) (type_alias_declaration)
 (ambient_declaration) (implements_clause)] @is.ignore
(abstract_class_declaration name: (_) @name body: (_) @body) @is.class
(enum_declaration name: (_) @name body: (_) @body) @is.enum
