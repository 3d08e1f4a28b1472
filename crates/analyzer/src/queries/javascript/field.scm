; Class fields, whose node differs between the two grammars.
(field_definition property: (_) @name value: (_) @value) @is.field
