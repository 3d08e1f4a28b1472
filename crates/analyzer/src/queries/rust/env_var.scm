; Reads of environment variables in Rust. `@site` is the call, `@computed` the name's node; `@clap` an
; attribute that may bind a field to a variable.
; Which function it is, the file's imports say.
((call_expression function: (scoped_identifier) @f arguments: (arguments . (_) @computed)) @site (#set! form "path"))
((call_expression function: (identifier) @f arguments: (arguments . (_) @computed)) @site (#set! form "path"))
((macro_invocation macro: (_) @f (token_tree . (string_literal) @computed)) @site
 (#any-of? @f "env" "std::env" "core::env" "dotenv" "dotenv_codegen::dotenv" "dotenvy_macro::dotenv")
 (#set! required "yes"))
((macro_invocation macro: (_) @f (token_tree . (string_literal) @computed)) @site
 (#any-of? @f "option_env" "std::option_env" "core::option_env"))
((attribute_item (attribute (identifier) @f)) @clap (#any-of? @f "arg" "clap" "structopt" "config" "bpaf"))
; `#[env_key(NAME)]` of a derive that the program brings itself.
((attribute_item (attribute (identifier) @f)) @clap (#any-of? @f "env" "env_key" "env_name" "env_var" "env_variable" "envvar"))
; Calls that may be of a helper which reads the variable it is given the name of.
((call_expression function: (_) @helper arguments: (arguments . (string_literal) @literal)) @call)
; A helper may hand the name on to another.
((call_expression function: (_) @helper arguments: (arguments . (identifier) @passed)) @call)
