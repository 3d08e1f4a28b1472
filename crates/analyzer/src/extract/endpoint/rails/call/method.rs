//! The methods of texts, lists, maps and blocks that route files are written with.

use tree_sitter::Node;

use crate::extract::endpoint::rails::machine::Machine;
use crate::extract::endpoint::rails::scope::Site;
use crate::extract::endpoint::rails::value::{Arguments, Value};
use crate::syntax::literal::text;

impl<'c> Machine<'c, '_> {
    /// The methods of texts, lists, maps and blocks.
    pub(super) fn method(
        &mut self,
        on: &Value<'c>,
        name: &str,
        arguments: &Arguments<'c>,
        node: Node<'c>,
    ) -> Option<Value<'c>> {
        let first = arguments.positional.first();
        let inflector = &self.application.inflector;
        Some(match (on, name) {
            (_, "freeze" | "dup" | "to_a" | "to_h" | "flatten" | "uniq" | "sort" | "presence" | "clone" | "to_set") => {
                on.clone()
            }
            (Value::Text(_) | Value::Symbol(_), "to_s" | "to_str" | "html_safe") => Value::Text(on.text()?),
            (Value::Number(number), "to_s") => Value::Text(number.to_string()),
            (Value::Text(_) | Value::Symbol(_), "to_sym") => Value::Symbol(on.text()?),
            (Value::Text(text), "pluralize") => Value::Text(inflector.pluralize(text)),
            (Value::Text(text), "singularize") => Value::Text(inflector.singularize(text)),
            (Value::Text(text), "underscore") => Value::Text(inflector.underscore(text)),
            (Value::Text(text), "camelize" | "classify") => Value::Text(inflector.camelize(text)),
            (Value::Text(text), "dasherize") => Value::Text(text.replace('_', "-")),
            (Value::Text(text), "downcase") => Value::Text(text.to_lowercase()),
            (Value::Text(text), "upcase") => Value::Text(text.to_uppercase()),
            (Value::Text(text), "tr" | "gsub") => {
                let (from, to) = (first?.text()?, arguments.positional.get(1)?.text()?);
                (from.chars().count() == 1).then(|| Value::Text(text.replace(&from, &to)))?
            }
            (Value::Text(text), "split") => {
                let by = first.and_then(Value::text);
                let parts: Vec<String> = match by {
                    Some(by) => text.split(&by).map(str::to_owned).collect(),
                    None => text.split_whitespace().map(str::to_owned).collect(),
                };
                Value::List(parts.into_iter().map(Value::Text).collect())
            }
            (Value::Text(text), "in?") if text == "production" => {
                Value::Bool(first?.texts()?.iter().any(|one| one == text))
            }
            (Value::List(items), "include?") => Value::Bool(items.iter().any(|one| one.same_name(first))),
            (Value::List(items), "first") => items.first()?.clone(),
            (Value::List(items), "last") => items.last()?.clone(),
            (Value::List(_), "join") => Value::Text(on.texts()?.join(&first.and_then(Value::text).unwrap_or_default())),
            (Value::Map(pairs), "keys") => Value::List(pairs.iter().map(|(key, _)| key.clone()).collect()),
            (Value::Map(pairs), "values") => Value::List(pairs.iter().map(|(_, value)| value.clone()).collect()),
            (Value::Map(pairs), "merge") => {
                let mut pairs = pairs.clone();
                pairs.extend(arguments.named.clone());
                if let Some(Value::Map(more)) = first {
                    pairs.extend(more.clone());
                }
                pairs.reverse();
                Value::Map(pairs)
            }
            (Value::Map(pairs), "fetch" | "dig") => {
                let found = pairs.iter().find(|(key, _)| key.same_name(first)).map(|(_, value)| value.clone());
                found.or_else(|| arguments.positional.get(1).cloned())?
            }
            (Value::Block(block), "call" | "()" | "yield") => self.invoke(*block, &arguments.positional),
            (Value::Number(count), "times") if (0..1_000).contains(count) => {
                let items: Vec<Value<'c>> = (0..*count).map(Value::Number).collect();
                self.each(&items, "each", arguments, node)?
            }
            (Value::List(items), _) => self.each(items, name, arguments, node)?,
            (Value::Map(pairs), _) => {
                let items: Vec<Value<'c>> =
                    pairs.iter().map(|(key, value)| Value::List(vec![key.clone(), value.clone()])).collect();
                self.each(&items, name, arguments, node)?
            }
            _ => return None,
        })
    }

    /// A loop over a list that is known.
    fn each(
        &mut self,
        items: &[Value<'c>],
        name: &str,
        arguments: &Arguments<'c>,
        node: Node<'c>,
    ) -> Option<Value<'c>> {
        let block = match arguments.block {
            Some(block) => block,
            // `map(&:to_sym)` changes nothing that a path shows.
            None if matches!(name, "map" | "each") => return Some(Value::List(items.to_vec())),
            None => return None,
        };
        if !matches!(
            name,
            "each"
                | "each_with_index"
                | "map"
                | "each_pair"
                | "flat_map"
                | "each_entry"
                | "each_with_object"
                | "collect"
        ) {
            return None;
        }
        let loop_site: Site<'c> = self.site(node);
        let mut scope = if self.is_drawing { self.scope_at(loop_site) } else { (*self.scope).clone() };
        // The items stand where the constant does.
        let receiver = node.child_by_field_name("receiver").filter(|receiver| receiver.kind() == "constant");
        if let Some(at) = receiver.and_then(|name| self.constant_sites.get(text(name, self.file.bytes()))) {
            scope.sites.insert(1.min(scope.sites.len()), *at);
        }
        let made = self.within(scope, |machine| {
            let mut made = Vec::new();
            for (at, item) in (0_i64..).zip(items) {
                let values = match (name, item) {
                    ("each_with_index", item) => vec![item.clone(), Value::Number(at)],
                    (_, Value::List(pair)) if pair.len() > 1 => vec![Value::List(pair.clone())],
                    (_, item) => vec![item.clone()],
                };
                made.push(machine.invoke(block, &values));
            }
            made
        });
        Some(if name.starts_with("each") { Value::List(items.to_vec()) } else { Value::List(made) })
    }
}

impl Value<'_> {
    fn same_name(&self, other: Option<&Self>) -> bool {
        other.is_some_and(|other| match (self.text(), other.text()) {
            (Some(one), Some(two)) => one == two,
            _ => false,
        })
    }
}
