//! Commands of Ruby projects: described Rake tasks, the scripts that Rails puts into `bin/`, and what Bundler and Rails
//! do with the files that are there (each by its named rule).

use tree_sitter::Node;

use crate::fact::Found;
use crate::syntax::literal::{text, whole};
use crate::syntax::node::NodeExt as _;
use crate::tree::corpus::Corpus;
use crate::tree::file::SourceFile;
use crate::tree::path::{inside, upwards};

use super::{Command, kind};

/// Namespaces inside namespaces.
const MAX_NAMESPACE_DEPTH: usize = 60;

/// What a Gemfile calls for, and what Rails does next to it.
pub(super) fn gemfile(corpus: &Corpus, file: &SourceFile, found: &mut Found) {
    let cwd = file.folder();
    let at = |name: &str| inside(cwd, name);
    let mut push = |kind: &str, line: &str, manager: &str, rule: &str, anchor: &str| {
        if let Some(evidence) = corpus.exists(&at(anchor)) {
            let command = Command { kind, line: line.to_owned(), manager, cwd };
            found.facts.push(command.inferred(rule, evidence));
        }
    };
    push("install", "bundle install", "bundler", "install-from-gemfile", "Gemfile");
    for (script, kind) in [("bin/setup", "install"), ("bin/dev", "dev")] {
        push(kind, script, "rails", "rails-bin-script", script);
    }
    if !corpus.has_path(&at("config/application.rb")) {
        return;
    }
    let rails = if corpus.has_path(&at("bin/rails")) { "bin/rails" } else { "bundle exec rails" };
    let main = "config/application.rb";
    push("start", &format!("{rails} server"), "rails", "rails-application", main);
    if corpus.has_folder(&at("db/migrate")) || corpus.has_path(&at("db/schema.rb")) {
        push("migrate", &format!("{rails} db:migrate"), "rails", "rails-application", main);
    }
    if corpus.has_path(&at("test/test_helper.rb")) {
        push("test", &format!("{rails} test"), "rails", "rails-test-helper", "test/test_helper.rb");
    }
    if corpus.has_path(&at("spec/spec_helper.rb")) {
        push("test", "bundle exec rspec", "bundler", "rspec-spec-helper", "spec/spec_helper.rb");
    }
}

/// The tasks with a description; others are not for people.
pub(super) fn tasks(corpus: &Corpus, file: &SourceFile, found: &mut Found) {
    let Some(parsed) = file.syntax() else { return };
    // Tasks are run from the folder that holds the Rakefile.
    let has_rakefile = |at: &&str| corpus.has_path(&inside(at, "Rakefile"));
    let cwd = upwards(file.folder()).find(has_rakefile).unwrap_or_default();
    let runner = if corpus.has_path(&inside(cwd, "config/application.rb")) { "bin/rails" } else { "bundle exec rake" };
    let mut reading = Reading { file, cwd, runner, found };
    reading.walk(parsed.tree.root_node(), &mut Vec::new(), 0);
}

struct Reading<'r, 'c> {
    file: &'c SourceFile,
    cwd: &'c str,
    runner: &'r str,
    found: &'r mut Found,
}

impl Reading<'_, '_> {
    fn walk(&mut self, node: Node<'_>, namespaces: &mut Vec<String>, depth: usize) {
        if depth > MAX_NAMESPACE_DEPTH {
            return;
        }
        let bytes = self.file.bytes();
        let mut described: Option<(Node<'_>, String)> = None;
        for child in node.inner() {
            let method = child.field("method").filter(|_| child.kind() == "call");
            let first = child.first_argument();
            let body = child.field("block").and_then(|block| block.field("body"));
            match (method.map_or("", |method| text(method, bytes)), first) {
                ("desc", Some(first)) if first.kind() == "string" => {
                    described = whole(first, bytes).map(|text| (child, text));
                    continue;
                }
                ("desc", Some(_)) => described = Some((child, String::new())),
                ("task", Some(first)) => {
                    if let (Some((desc, about)), Some(name)) = (described.take(), task_name(first, bytes)) {
                        self.task(desc, child, &about, &namespaced(namespaces, &name));
                    }
                }
                ("namespace", Some(first)) => {
                    if let (Some(name), Some(body)) = (task_name(first, bytes), body) {
                        namespaces.push(name);
                        self.walk(body, namespaces, depth + 1);
                        namespaces.pop();
                    }
                }
                _ if matches!(child.kind(), "if" | "then" | "else" | "begin" | "unless") => {
                    self.walk(child, namespaces, depth + 1);
                }
                _ => {}
            }
        }
    }

    fn task(&mut self, desc: Node<'_>, task: Node<'_>, about: &str, name: &str) {
        let last = task.field("arguments").map_or(task.first_line(), |list| list.last_line());
        let evidence = self.file.lines(desc.first_line(), last);
        let command =
            Command { kind: kind::of(name), line: format!("{} {name}", self.runner), manager: "rake", cwd: self.cwd };
        self.found.facts.push(command.fact(evidence).with("description", about));
    }
}

fn namespaced(namespaces: &[String], name: &str) -> String {
    namespaces.iter().map(String::as_str).chain([name]).collect::<Vec<_>>().join(":")
}

/// `:name`, `"name"`, `name: :before`, `:name => :before`.
fn task_name(node: Node<'_>, bytes: &[u8]) -> Option<String> {
    let node = if node.kind() == "pair" { node.field("key")? } else { node };
    match node.kind() {
        "simple_symbol" | "hash_key_symbol" => Some(text(node, bytes).trim_start_matches(':').to_owned()),
        "string" => whole(node, bytes).filter(|name| !name.contains("#{")),
        _ => None,
    }
}
