; How Rust's syntax maps to the analyzer's program model. Each pattern names one role (`@is.…`)
; and its parts; a node takes the role of the first pattern that matches it. What is named nowhere is
; only walked through.
(source_file) @is.block
(block) @is.scope
(call_expression function: (_) @callee arguments: (_) @args) @is.call
(field_expression value: (_) @object field: (_) @name) @is.member
(index_expression) @is.unknown
[(string_literal) (raw_string_literal)] @is.string
(integer_literal) @is.number
(boolean_literal) @is.bool
[(identifier) (self) (scoped_identifier) (shorthand_field_initializer)] @is.name
(generic_function function: (_) @inner) @is.inner
(reference_expression value: (_) @inner) @is.inner
(type_cast_expression value: (_) @inner) @is.inner
[(try_expression) (await_expression) (parenthesized_expression)] @is.wrap
(let_declaration pattern: (_) @target value: (_) @value) @is.bind
(assignment_expression left: (_) @target right: (_) @value) @is.assign
(const_item name: (_) @target value: (_) @value) @is.bind
(static_item name: (_) @target value: (_) @value) @is.bind
(if_expression) @is.branch
(match_expression value: (_) @value body: (_) @body) @is.match
[(while_expression) (loop_expression)] @is.branch
(for_expression pattern: (_) @target value: (_) @iterable body: (_) @body) @is.loop
(closure_expression parameters: (_) @params body: (_) @body) @is.function
(function_item name: (_) @name parameters: (_) @params body: (_) @body) @is.definition
(impl_item type: (_) @name body: (_) @body) @is.impl
(mod_item name: (_) @name body: (_) @body) @is.module
(struct_expression name: (_) @name body: (_) @body) @is.instance
(field_initializer field: (_) @key value: (_) @value) @is.pair
[(array_expression) (tuple_expression)] @is.array
(return_expression) @is.return
(use_declaration argument: (_) @inner) @is.import
(macro_invocation macro: (_) @name (token_tree) @args) @is.macro
[(line_comment) (block_comment) (attribute_item) (inner_attribute_item) (type_arguments) (struct_item)
 (enum_item) (trait_item) (macro_definition) (type_item)] @is.ignore
