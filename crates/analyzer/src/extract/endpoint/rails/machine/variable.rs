//! Local variables, and the parameters of blocks and methods.

use crate::syntax::node::NodeExt as _;
use tree_sitter::Node;

use super::RouteMachine;
use crate::extract::endpoint::rails::value::RubyValue;
use crate::syntax::literal::text;

impl<'c> RouteMachine<'c, '_> {
    pub(super) fn bind(&mut self, parameters: Node<'c>, values: &[RubyValue<'c>]) {
        let bytes = self.file.bytes();
        let nodes: Vec<Node<'c>> = parameters.inner().collect();
        // One list for several parameters is taken apart.
        let spread = match values {
            [RubyValue::List(items)] if nodes.len() > 1 => Some(items.clone()),
            _ => None,
        };
        let values = spread.as_deref().unwrap_or(values);
        let options = values.last().and_then(|last| match last {
            RubyValue::Map(pairs) => Some(pairs.clone()),
            _ => None,
        });
        for (at, node) in nodes.into_iter().enumerate() {
            let given = values.get(at).cloned();
            let (name, value) = match node.kind() {
                // What is not given here is given by what is not known.
                "identifier" => {
                    let name = text(node, bytes).to_owned();
                    let value = given.unwrap_or_else(|| RubyValue::Unknown(name.clone()));
                    (name, value)
                }
                "optional_parameter" | "keyword_parameter" => {
                    let Some(name) = node.field("name") else { continue };
                    let name = text(name, bytes).to_owned();
                    let named = || {
                        let pairs = options.as_ref()?;
                        let own = |key: &RubyValue<'_>| matches!(key, RubyValue::Symbol(key) if *key == name);
                        pairs.iter().find(|(key, _)| own(key)).map(|(_, value)| value.clone())
                    };
                    let given = if node.kind() == "keyword_parameter" { named() } else { given };
                    let default = node.field("value");
                    let value = match (given, default) {
                        (Some(given), _) => given,
                        (None, Some(default)) => self.eval(default),
                        (None, None) => RubyValue::Unknown(name.clone()),
                    };
                    (name, value)
                }
                "splat_parameter" => {
                    let Some(name) = node.field("name") else { continue };
                    (text(name, bytes).to_owned(), RubyValue::List(values.get(at..).unwrap_or_default().to_vec()))
                }
                "hash_splat_parameter" => {
                    let Some(name) = node.field("name") else { continue };
                    (text(name, bytes).to_owned(), RubyValue::Map(options.clone().unwrap_or_default()))
                }
                "destructured_parameter" => {
                    self.bind(node, &given.map(|given| vec![given]).unwrap_or_default());
                    continue;
                }
                _ => continue,
            };
            self.set_here(name, value);
        }
    }

    /// Set a local variable of the innermost block.
    fn set_here(&mut self, name: String, value: RubyValue<'c>) {
        if let Some(frame) = self.frames.last_mut() {
            frame.retain(|(known, _)| *known != name);
            frame.push((name, value));
        }
    }

    /// Set a local variable where it is, or in the innermost block.
    pub(in crate::extract::endpoint::rails) fn set(&mut self, name: &str, value: RubyValue<'c>) {
        for frame in self.frames.iter_mut().rev() {
            if let Some(known) = frame.iter_mut().find(|(known, _)| known == name) {
                known.1 = value;
                return;
            }
        }
        self.set_here(name.to_owned(), value);
    }

    /// The value of a local variable.
    pub(in crate::extract::endpoint::rails) fn local(&self, name: &str) -> Option<&RubyValue<'c>> {
        self.frames.iter().rev().find_map(|frame| frame.iter().find(|(known, _)| known == name).map(|(_, value)| value))
    }
}
