; How Python's syntax maps to the analyzer's program model. Each pattern names one role (`@is.…`)
; and its parts; a node takes the role of the first pattern that matches it. What is named nowhere is
; only walked through.
[(module) (block)] @is.block
(call function: (_) @callee arguments: (_) @args) @is.call
(attribute object: (_) @object attribute: (_) @name) @is.member
(subscript value: (_) @object subscript: (_) @key) @is.index
(string) @is.string
(concatenated_string) @is.join
(integer) @is.number
[(true) (false)] @is.bool
(none) @is.null
(identifier) @is.name
(binary_operator left: (_) @left operator: "+" right: (_) @right) @is.concat
; A path of pathlib below another one.
(binary_operator left: (_) @left operator: "/" right: (_) @right) @is.below
(boolean_operator left: (_) @left operator: "or" right: (_) @right) @is.either
(conditional_expression) @is.pick
(dictionary) @is.object
(pair key: (_) @key value: (_) @value) @is.pair
[(list) (tuple) (set) (expression_list)] @is.array
[(list_splat) (dictionary_splat)] @is.spread
[(await) (parenthesized_expression)] @is.wrap
(function_definition name: (_) @name parameters: (_) @params body: (_) @body) @is.definition
(lambda parameters: (_) @params body: (_) @body) @is.function
(lambda body: (_) @body) @is.function
(class_definition name: (_) @name body: (_) @body) @is.class
(decorated_definition definition: (_) @definition) @is.decorated
(assignment left: (_) @target right: (_) @value) @is.assign
(assignment left: (_) @target type: (_) @type) @is.declare
(named_expression name: (_) @target value: (_) @value) @is.assign
(augmented_assignment left: (_) @target right: (_) @value) @is.augment
(return_statement) @is.return
[(if_statement) (try_statement) (while_statement) (match_statement)] @is.branch
; What negates a value is not that value.
[(unary_operator) (not_operator)] @is.branch
(for_statement left: (_) @target right: (_) @iterable body: (_) @body) @is.loop
[(list_comprehension body: (_) @body) (generator_expression body: (_) @body)] @is.comprehension
(import_statement) @is.import
(import_from_statement) @is.import
(comment) @is.ignore
