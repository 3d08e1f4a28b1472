//! Calls on the framework's and the language's own constants.

use crate::syntax::node::NodeExt as _;
use tree_sitter::Node;

use crate::extract::endpoint::rails::machine::{DrawTarget, RouteMachine};
use crate::extract::endpoint::rails::value::{RubyBlock, RubyValue};
use crate::syntax::literal::text;

impl<'c> RouteMachine<'c, '_> {
    /// What the framework's own names mean: environments, variables, files, the calls that open a block of routes.
    pub(super) fn framework_call(&mut self, node: Node<'c>, receiver: Node<'c>, name: &str) -> Option<RubyValue<'c>> {
        let bytes = self.file.bytes();
        let on = text(receiver, bytes).trim_start_matches("::");
        match (on, name) {
            ("Rails", "env") => return Some(RubyValue::Text("production".to_owned())),
            ("Rails", "root") => return Some(RubyValue::Text(String::new())),
            ("Rails.env", "production?") => return Some(RubyValue::Bool(true)),
            ("Rails.env", "development?" | "test?" | "local?") => return Some(RubyValue::Bool(false)),
            ("ENV", "fetch") => {
                let arguments = self.arguments(node);
                let default = arguments.positional.get(1).cloned();
                let default = default.or_else(|| arguments.block.map(|block| self.invoke(block, &[])));
                let name = arguments.positional.first().and_then(RubyValue::text).unwrap_or_default();
                return Some(default.unwrap_or(RubyValue::Unset(name)));
            }
            ("Rails.root" | "File" | "Pathname", "join" | "expand_path" | "new") => {
                let arguments = self.arguments(node);
                let mut parts: Vec<String> = arguments.positional.iter().map(RubyValue::text).collect::<Option<_>>()?;
                if name == "expand_path" {
                    parts.reverse();
                }
                return Some(RubyValue::Text(parts.join("/")));
            }
            ("File" | "IO", "read") => {
                let path = self.arguments(node).positional.first()?.text()?;
                return Some(RubyValue::Content(path));
            }
            ("Dir", "glob") => {
                let pattern = self.arguments(node).positional.first()?.text()?;
                return self.glob(&pattern);
            }
            ("Proc", "new") => return self.arguments(node).block.map(RubyValue::Block),
            _ => {}
        }
        if matches!(name, "draw" | "append" | "prepend")
            && receiver.kind() == "call"
            && receiver.field("method").is_some_and(|method| text(method, bytes) == "routes")
        {
            let whose = receiver.field("receiver").map_or("", |whose| text(whose, bytes));
            let block = node.field("block").map(|block| RubyBlock { file: self.file, node: block });
            if let (Some(target), Some(block)) = (self.target_of(whose), block)
                && target == self.target
            {
                let before = std::mem::replace(&mut self.is_drawing, true);
                let base = (*self.base).clone();
                self.within(base, |machine| machine.yield_to(Some(block)));
                self.is_drawing = before;
            }
            return Some(RubyValue::Nil);
        }
        None
    }

    /// Whose routes `X.routes` are; `None` for what is neither an application nor an engine.
    fn target_of(&mut self, whose: &str) -> Option<DrawTarget> {
        let whose = whose.trim_start_matches("::");
        let last = whose.rsplit("::").next().unwrap_or(whose);
        if whose == "Rails.application" || last.ends_with("Application") {
            return Some(DrawTarget::Application);
        }
        let is_constant = whose.chars().next().is_some_and(char::is_uppercase) && !whose.contains('.');
        is_constant.then(|| match self.constants.get(whose) {
            Some(RubyValue::Constant(name)) => DrawTarget::Engine(name.clone()),
            _ => DrawTarget::Engine(whose.to_owned()),
        })
    }
}
