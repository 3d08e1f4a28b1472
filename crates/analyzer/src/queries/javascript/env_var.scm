; Calls in JavaScript and TypeScript that may be of a helper which reads the variable it is given the name of.
((call_expression function: (_) @helper arguments: (arguments . (string) @literal)) @call)
