//! Go: its declarations, statements and types. The tree is walked by hand, without a query. What a type
//! says is an expression too, so that fields and parameters of a known type can be made when nothing else
//! is known of them. Refuses `iota`, channels and arithmetic.

use std::rc::Rc;

use tree_sitter::Node;

use super::{Lowering, first_child, line, named_children, number, rc};
use crate::analyzer::syntax::literal;
use crate::analyzer::syntax::program::{
    Argument, Class, Entry, Expression, Function, FunctionId, Import, Item, Kind, Member, NodeId, Parameter, Target,
};

impl<'t> Lowering<'t> {
    pub(super) fn go_node(&mut self, node: Node<'t>) -> NodeId {
        let kind = match node.kind() {
            "source_file" | "statement_list" => Kind::Block(self.go_nodes(node)),
            "block" | "communication_case" | "default_case" | "expression_case" | "type_case" => {
                Kind::Scope(self.go_nodes(node))
            }
            "import_declaration" => Kind::Block(self.go_imports(node)),
            "function_declaration" => Kind::DefineFunction(self.go_function(node)),
            "func_literal" => Kind::Function(self.go_function(node)),
            "method_declaration" => self.go_method(node),
            "type_declaration" => {
                let specs = named_children(node).into_iter().filter(|spec| spec.child_by_field_name("type").is_some());
                Kind::Block(specs.map(|spec| self.go_type_spec(spec)).collect())
            }
            "const_declaration" | "var_declaration" => {
                let mut specs = Vec::new();
                for child in named_children(node) {
                    let inner = if child.kind() == "var_spec_list" { named_children(child) } else { vec![child] };
                    specs.extend(inner);
                }
                specs.retain(|spec| matches!(spec.kind(), "const_spec" | "var_spec"));
                Kind::Block(specs.into_iter().flat_map(|spec| self.go_variables(spec)).collect())
            }
            "short_var_declaration" | "assignment_statement" => self.go_assignment(node),
            "receive_statement" | "inc_statement" | "dec_statement" | "comment" => Kind::Null,
            "if_statement" => {
                let mut out = self.go_fields(node, &["initializer"]);
                let branches = self.go_fields(node, &["condition", "consequence", "alternative"]);
                out.push(self.add(node, Kind::Branch(branches)));
                Kind::Scope(out)
            }
            "for_statement" => self.go_loop(node),
            "expression_switch_statement" | "type_switch_statement" | "select_statement" => self.go_switch(node),
            "return_statement" => self.go_return(node),
            "expression_statement"
            | "go_statement"
            | "defer_statement"
            | "labeled_statement"
            | "parenthesized_expression"
            | "literal_element"
            | "parenthesized_type"
            | "pointer_type"
            | "type_elem" => match named_children(node).into_iter().rfind(|child| !child.is_extra()) {
                Some(inner) => return self.node(inner),
                None => Kind::Null,
            },
            "type_assertion_expression" | "type_conversion_expression" => match node.child_by_field_name("operand") {
                Some(inner) => return self.node(inner),
                None => Kind::Null,
            },
            "generic_type" | "type_instantiation_expression" => match node.child_by_field_name("type") {
                Some(inner) => return self.node(inner),
                None => Kind::Null,
            },
            "call_expression" => return self.go_call(node),
            "selector_expression" => self.go_member(node, "operand", "field"),
            "qualified_type" => self.go_member(node, "package", "name"),
            "index_expression" => match (node.child_by_field_name("operand"), node.child_by_field_name("index")) {
                (Some(object), Some(key)) => Kind::Index(self.node(object), self.node(key)),
                _ => Kind::Null,
            },
            "variadic_argument" => match first_child(node) {
                Some(inner) => Kind::Spread(self.node(inner)),
                None => Kind::Null,
            },
            "unary_expression" => match (node.child_by_field_name("operator"), node.child_by_field_name("operand")) {
                (Some(operator), Some(inner)) if matches!(operator.kind(), "&" | "*") => {
                    Kind::Other(vec![self.node(inner)])
                }
                (_, Some(inner)) => {
                    let (inner, nothing) = (self.node(inner), self.add(node, Kind::Null));
                    Kind::Other(vec![inner, nothing])
                }
                _ => Kind::Null,
            },
            "binary_expression" => {
                let is_sum = node.child_by_field_name("operator").is_some_and(|operator| operator.kind() == "+");
                let sides = self.go_fields(node, &["left", "right"]);
                if is_sum { Kind::Concat(sides) } else { Kind::Other(sides) }
            }
            "composite_literal" => {
                let of = node.child_by_field_name("type").map(|of| self.node(of));
                let items = node.child_by_field_name("body").map(|body| self.go_items(body)).unwrap_or_default();
                Kind::Composite { of, items }
            }
            "literal_value" => Kind::Composite { of: None, items: self.go_items(node) },
            "interpreted_string_literal" | "raw_string_literal" => {
                literal::go_text(node, self.bytes).map_or(Kind::Other(Vec::new()), |text| Kind::Text(text.into()))
            }
            "int_literal" => number(self.text(node)).map_or(Kind::Other(Vec::new()), Kind::Number),
            "true" | "false" => Kind::Bool(node.kind() == "true"),
            "nil" | "interface_type" | "function_type" | "channel_type" => Kind::Null,
            "identifier" | "type_identifier" | "package_identifier" | "field_identifier" => {
                Kind::Name(self.text(node).into())
            }
            "slice_type" | "array_type" | "implicit_length_array_type" => {
                Kind::Array(self.go_fields(node, &["element"]))
            }
            "map_type" => {
                let value = self.go_fields(node, &["value"]);
                Kind::Object(value.into_iter().map(|value| Entry::Pair(rc("[]"), value)).collect())
            }
            "struct_type" => Kind::DefineClass(self.go_struct(node, None)),
            _ => Kind::Other(self.go_nodes(node).into_iter().chain([self.add(node, Kind::Null)]).collect()),
        };
        self.add(node, kind)
    }

    fn go_nodes(&mut self, node: Node<'t>) -> Vec<NodeId> {
        let is_code = |child: &Node<'_>| !child.is_extra() && child.kind() != "package_clause";
        named_children(node).into_iter().filter(is_code).map(|child| self.node(child)).collect()
    }

    fn go_fields(&mut self, node: Node<'t>, fields: &[&str]) -> Vec<NodeId> {
        fields.iter().filter_map(|field| node.child_by_field_name(field)).map(|child| self.node(child)).collect()
    }

    fn go_member(&mut self, node: Node<'t>, object: &str, name: &str) -> Kind {
        match (node.child_by_field_name(object), node.child_by_field_name(name)) {
            (Some(object), Some(name)) => Kind::Member(self.node(object), self.text(name).into()),
            _ => Kind::Null,
        }
    }

    fn go_imports(&mut self, node: Node<'t>) -> Vec<NodeId> {
        let mut out = Vec::new();
        for child in named_children(node) {
            let specs = if child.kind() == "import_spec_list" { named_children(child) } else { vec![child] };
            for spec in specs.into_iter().filter(|spec| spec.kind() == "import_spec") {
                let path = spec.child_by_field_name("path").and_then(|path| literal::go_text(path, self.bytes));
                let Some(path) = path else { continue };
                let name = spec.child_by_field_name("name").map(|name| self.text(name));
                let all = name == Some(".");
                // Without a name of its own it has the package's, which only the package knows.
                let names = if all { Vec::new() } else { vec![(rc("*"), rc(name.unwrap_or_default()))] };
                out.push(self.add(spec, Kind::Import(Import { from: rc(path), names, all })));
            }
        }
        out
    }

    fn go_function(&mut self, node: Node<'t>) -> FunctionId {
        let parameters = node.child_by_field_name("parameters").map(|list| self.go_parameters(list));
        let result = node.child_by_field_name("result");
        let named = result.filter(|result| result.kind() == "parameter_list").into_iter().flat_map(named_children);
        let names: Vec<Rc<str>> = named.flat_map(|result| self.go_names(result)).collect();
        let zeros = result.map(|result| self.go_result_zeros(result)).unwrap_or_default();
        self.results.push(names);
        let mut body = match node.child_by_field_name("body") {
            Some(body) => self.node(body),
            None => self.add(node, Kind::Null),
        };
        self.results.pop();
        if !zeros.is_empty() {
            body = self.add(node, Kind::Block(zeros.into_iter().chain([body]).collect()));
        }
        self.program.functions.push(Function {
            name: node.child_by_field_name("name").map(|name| rc(self.text(name))),
            parameters: parameters.unwrap_or_default(),
            body,
            returns: result.map(|of| self.text(of).to_owned()).unwrap_or_default(),
            attributes: Vec::new(),
            decorators: Vec::new(),
            receiver: None,
            start: line(node.start_position().row),
            bytes: (node.start_byte(), node.end_byte()),
        });
        self.program.functions.len() - 1
    }

    /// Results that have names start with the zero value of their type.
    fn go_result_zeros(&mut self, result: Node<'t>) -> Vec<NodeId> {
        let mut out = Vec::new();
        for one in named_children(result) {
            for name in self.go_names(one) {
                let Some(of) = one.child_by_field_name("type") else { continue };
                let zero = self.go_zero(of);
                out.push(self.add(one, Kind::Bind(Target::Name(name), zero)));
            }
        }
        out
    }

    fn go_names(&self, node: Node<'t>) -> Vec<Rc<str>> {
        let mut cursor = node.walk();
        let names = node.children_by_field_name("name", &mut cursor);
        names.filter(|name| name.is_named()).map(|name| rc(self.text(name))).collect()
    }

    fn go_zero(&mut self, of: Node<'t>) -> NodeId {
        if of.kind() == "pointer_type" {
            return self.add(of, Kind::Null);
        }
        let inner = self.node(of);
        self.add(of, Kind::Zero(inner))
    }

    fn go_parameters(&mut self, list: Node<'t>) -> Vec<Parameter> {
        let mut out = Vec::new();
        for child in named_children(list) {
            let Some(of) = child.child_by_field_name("type") else {
                continue;
            };
            let is_rest = child.kind() == "variadic_parameter_declaration";
            let names = self.go_names(child);
            let targets = match names.as_slice() {
                [] => vec![Target::Nothing],
                names => names.iter().map(|name| Target::Name(Rc::clone(name))).collect(),
            };
            for target in targets {
                let annotation = Some(self.node(of));
                let of_type = self.text(of).to_owned();
                out.push(Parameter { target, default: None, annotation, of_type, is_rest, is_named_rest: false });
            }
        }
        out
    }

    fn go_method(&mut self, node: Node<'t>) -> Kind {
        let receiver = node.child_by_field_name("receiver").and_then(first_child);
        let of = receiver.and_then(|receiver| receiver.child_by_field_name("type"));
        let of = of.map(|of| self.text(of)).unwrap_or_default();
        let of = rc(of.trim_start_matches(['*', '(', ' ']).split(['[', ')']).next().unwrap_or_default().trim());
        let name = receiver.and_then(|receiver| self.go_names(receiver).into_iter().next()).unwrap_or_else(|| rc("_"));
        let function = self.go_function(node);
        self.program.functions[function].receiver = Some((name, Rc::clone(&of)));
        Kind::Method { of, function }
    }

    fn go_type_spec(&mut self, spec: Node<'t>) -> NodeId {
        let (Some(name), Some(of)) = (spec.child_by_field_name("name"), spec.child_by_field_name("type")) else {
            return self.add(spec, Kind::Null);
        };
        let name = rc(self.text(name));
        let kind = if of.kind() == "struct_type" {
            Kind::DefineClass(self.go_struct(of, Some(name)))
        } else {
            Kind::Bind(Target::Name(name), self.node(of))
        };
        self.add(spec, kind)
    }

    fn go_struct(&mut self, node: Node<'t>, name: Option<Rc<str>>) -> usize {
        let (mut members, mut embedded) = (Vec::new(), Vec::new());
        let fields = first_child(node).map(named_children).unwrap_or_default();
        for field in fields.into_iter().filter(|field| field.kind() == "field_declaration") {
            let Some(of) = field.child_by_field_name("type") else {
                continue;
            };
            let mut names = self.go_names(field);
            if names.is_empty() {
                let text = self.text(of).trim_start_matches('*').split('[').next().unwrap_or_default();
                names.push(rc(text.rsplit('.').next().unwrap_or(text)));
                embedded.extend(names.first().cloned());
            }
            let is_pointer = self.text(field).contains('*') && of.kind() != "function_type";
            for name in names {
                let value = self.node(of);
                // A pointer that nobody sets is none, but what it would point to is still of use.
                let value = if is_pointer { self.add(of, Kind::Other(vec![value])) } else { value };
                members.push(Member { name, value, is_method: false, decorators: Vec::new() });
            }
        }
        let start = line(node.start_position().row);
        let class = Class { name, supers: Vec::new(), members, decorators: Vec::new(), embedded, start };
        self.program.classes.push(class);
        self.program.classes.len() - 1
    }

    fn go_variables(&mut self, spec: Node<'t>) -> Vec<NodeId> {
        let targets: Vec<Target> = self.go_names(spec).into_iter().map(Target::Name).collect();
        match (spec.child_by_field_name("value"), spec.child_by_field_name("type")) {
            (Some(values), _) => {
                let values: Vec<Node<'t>> =
                    named_children(values).into_iter().filter(|value| !value.is_extra()).collect();
                self.go_bound(spec, targets, &values)
            }
            (None, Some(of)) if spec.kind() == "var_spec" => {
                let mut out = Vec::new();
                for target in targets {
                    let zero = self.go_zero(of);
                    out.push(self.add(spec, Kind::Bind(target, zero)));
                }
                out
            }
            _ => Vec::new(),
        }
    }

    /// One value for each name, or one call that gives them all.
    fn go_bound(&mut self, at: Node<'t>, mut targets: Vec<Target>, values: &[Node<'t>]) -> Vec<NodeId> {
        match values {
            [one] if targets.len() > 1 => {
                let value = self.node(*one);
                let is_call = one.kind() == "call_expression";
                let target = if is_call { Target::Items(targets) } else { targets.swap_remove(0) };
                vec![self.add(at, Kind::Bind(target, value))]
            }
            _ => {
                let mut out = Vec::new();
                for (target, value) in targets.into_iter().zip(values) {
                    let value = self.node(*value);
                    out.push(self.add(at, Kind::Bind(target, value)));
                }
                out
            }
        }
    }

    fn go_assignment(&mut self, node: Node<'t>) -> Kind {
        let sides = (node.child_by_field_name("left"), node.child_by_field_name("right"));
        let (Some(left), Some(right)) = sides else {
            return Kind::Null;
        };
        let (left, right) = (self.go_listed(left), self.go_listed(right));
        let operator = node.child_by_field_name("operator").map_or("=", |operator| operator.kind());
        if node.kind() == "short_var_declaration" {
            let targets = left.iter().map(|target| self.go_target(*target)).collect();
            return Kind::Block(self.go_bound(node, targets, &right));
        }
        match (operator, left.as_slice(), right.as_slice()) {
            ("=", [target], [value]) => Kind::Assign(self.node(*target), self.node(*value)),
            ("+=", [target], [value]) => Kind::Augment(self.node(*target), self.node(*value)),
            ("=", targets, values) => {
                // All values are there before the first is assigned.
                let names: Vec<Rc<str>> = (0..targets.len()).map(|at| rc(format!("#{at}"))).collect();
                let held = names.iter().map(|name| Target::Name(Rc::clone(name))).collect();
                let mut out = self.go_bound(node, held, values);
                for (target, name) in targets.iter().zip(names) {
                    if self.text(*target) == "_" {
                        continue;
                    }
                    let (target, value) = (self.node(*target), self.add(node, Kind::Name(name)));
                    out.push(self.add(node, Kind::Assign(target, value)));
                }
                Kind::Scope(out)
            }
            _ => Kind::Null,
        }
    }

    fn go_listed(&self, node: Node<'t>) -> Vec<Node<'t>> {
        match node.kind() {
            "expression_list" => named_children(node).into_iter().filter(|child| !child.is_extra()).collect(),
            _ => vec![node],
        }
    }

    fn go_target(&self, node: Node<'t>) -> Target {
        match self.text(node) {
            "_" => Target::Nothing,
            name if node.kind() == "identifier" => Target::Name(rc(name)),
            _ => Target::Nothing,
        }
    }

    fn go_loop(&mut self, node: Node<'t>) -> Kind {
        let head = named_children(node).into_iter().find(|child| child.kind() != "block" && !child.is_extra());
        let body = node.child_by_field_name("body");
        let Some(body) = body else {
            return Kind::Null;
        };
        match head {
            Some(range) if range.kind() == "range_clause" => {
                let left = range.child_by_field_name("left").map(|left| self.go_listed(left)).unwrap_or_default();
                let target = Target::Items(left.into_iter().map(|target| self.go_target(target)).collect());
                let iterable = match range.child_by_field_name("right") {
                    Some(right) => self.node(right),
                    None => self.add(range, Kind::Null),
                };
                let body = self.node(body);
                let walk = self.add(node, Kind::Loop { target, iterable, body });
                Kind::Scope(vec![walk])
            }
            head => {
                let before = head.and_then(|head| head.child_by_field_name("initializer"));
                let mut out: Vec<NodeId> = before.into_iter().map(|before| self.node(before)).collect();
                let body = self.node(body);
                out.push(self.add(node, Kind::Branch(vec![body])));
                Kind::Scope(out)
            }
        }
    }

    fn go_switch(&mut self, node: Node<'t>) -> Kind {
        let mut out = self.go_fields(node, &["initializer"]);
        let alias = node.child_by_field_name("alias").map(|alias| self.go_listed(alias)).unwrap_or_default();
        if let Some(value) = node.child_by_field_name("value") {
            let value = self.node(value);
            match alias.first() {
                Some(alias) => {
                    let target = self.go_target(*alias);
                    out.push(self.add(node, Kind::Bind(target, value)));
                }
                None => out.push(value),
            }
        }
        let cases = named_children(node).into_iter().filter(|child| child.kind().ends_with("_case"));
        let cases = cases.map(|case| self.node(case)).collect();
        out.push(self.add(node, Kind::Branch(cases)));
        Kind::Scope(out)
    }

    fn go_return(&mut self, node: Node<'t>) -> Kind {
        let values = first_child(node).map(|values| self.go_listed(values)).unwrap_or_default();
        let value = match values.as_slice() {
            [] => {
                let names = self.results.last().cloned().unwrap_or_default();
                let mut values: Vec<NodeId> = names.into_iter().map(|name| self.add(node, Kind::Name(name))).collect();
                match values.len() {
                    0 => return Kind::Return(None),
                    1 => values.remove(0),
                    _ => self.add(node, Kind::Array(values)),
                }
            }
            [one] => self.node(*one),
            several => {
                let values = several.iter().map(|value| self.node(*value)).collect();
                self.add(node, Kind::Array(values))
            }
        };
        Kind::Return(Some(value))
    }

    fn go_call(&mut self, node: Node<'t>) -> NodeId {
        let Some(callee) = node.child_by_field_name("function") else {
            return self.add(node, Kind::Null);
        };
        let name = callee.child_by_field_name("field");
        let first = name.filter(|name| name.start_position().row > node.start_position().row);
        let callee = self.node(callee);
        let list = node.child_by_field_name("arguments").map(named_children).unwrap_or_default();
        let mut arguments = Vec::new();
        for argument in list.into_iter().filter(|argument| !argument.is_extra()) {
            arguments.push(Argument { name: None, value: self.node(argument) });
        }
        self.add_from(node, first.unwrap_or(node), Kind::Call { callee, arguments })
    }

    fn go_items(&mut self, body: Node<'t>) -> Vec<Item> {
        let mut out = Vec::new();
        for child in named_children(body).into_iter().filter(|child| !child.is_extra()) {
            if child.kind() != "keyed_element" {
                out.push(Item { name: None, key: None, value: self.node(child) });
                continue;
            }
            let (Some(key), Some(value)) = (child.child_by_field_name("key"), child.child_by_field_name("value"))
            else {
                continue;
            };
            let plain = first_child(key).filter(|key| key.kind() == "identifier");
            let name = plain.map(|plain| rc(self.text(plain)));
            let (key, value) = (self.node(key), self.node(value));
            out.push(Item { name, key: Some(key), value });
        }
        out
    }
}

/// Whether a type's expression was written as a pointer.
pub(crate) fn is_pointer(node: &Expression) -> bool {
    matches!(&node.kind, Kind::Other(inner) if inner.len() == 1)
}
