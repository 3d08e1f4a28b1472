; How Go's syntax maps to the analyzer's program model. Each pattern names one role (`@is.…`)
; and its parts; a node takes the role of the first pattern that matches it. What is named nowhere is
; only walked through.
