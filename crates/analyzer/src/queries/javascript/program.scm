; How JavaScript's syntax maps to the analyzer's program model. Each pattern names one role (`@is.…`)
; and its parts; a node takes the role of the first pattern that matches it. What is named nowhere is
; only walked through.
(program) @is.block
(statement_block) @is.scope
(call_expression function: (_) @callee arguments: (_) @args) @is.call
(new_expression constructor: (_) @callee arguments: (arguments)? @args) @is.new
(member_expression object: (_) @object property: (_) @name) @is.member
(subscript_expression object: (_) @object index: (_) @key) @is.index
(string) @is.string
(template_string) @is.string
(regex) @is.regex
(number) @is.number
[(true) (false)] @is.bool
[(null) (undefined)] @is.null
[(identifier) (shorthand_property_identifier) (this) (super)] @is.name
(binary_expression left: (_) @left operator: "+" right: (_) @right) @is.concat
(binary_expression left: (_) @left operator: ["||" "??"] right: (_) @right) @is.either
(ternary_expression consequence: (_) @left alternative: (_) @right) @is.choice
(object) @is.object
(pair key: (_) @key value: (_) @value) @is.pair
(array) @is.array
(spread_element) @is.spread
[(await_expression) (parenthesized_expression)] @is.wrap
(function_declaration name: (_) @name parameters: (_) @params body: (_) @body) @is.definition
(generator_function_declaration name: (_) @name parameters: (_) @params body: (_) @body) @is.definition
(function_expression parameters: (_) @params body: (_) @body) @is.function
(arrow_function parameters: (_) @params body: (_) @body) @is.function
(arrow_function parameter: (_) @params body: (_) @body) @is.function
(method_definition name: (_) @name parameters: (_) @params body: (_) @body) @is.method
(class_declaration name: (_) @name body: (_) @body) @is.class
(class body: (_) @body) @is.class
(variable_declarator name: (_) @target value: (_) @value) @is.bind
(assignment_expression left: (_) @target right: (_) @value) @is.assign
(return_statement) @is.return
[(if_statement) (switch_statement) (try_statement) (while_statement) (do_statement) (for_statement)] @is.branch
(for_in_statement left: (_) @target right: (_) @iterable body: (_) @body) @is.loop
(import_statement) @is.import
(export_statement) @is.export
(comment) @is.ignore
