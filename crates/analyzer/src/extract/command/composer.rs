//! Scripts of `composer.json`, and the console commands of Laravel and Symfony where their program exists.

use crate::fact::Found;
use crate::tree::corpus::Corpus;
use crate::tree::document::Node;
use crate::tree::file::SourceFile;
use crate::tree::path::inside;

use super::{Command, kind};

/// Events that Composer runs by itself; nobody calls them.
const EVENTS: [&str; 6] = ["pre-", "post-", "init", "command", "pre", "post"];

/// Program, package that brings its commands, kind, command, rule.
const CONSOLE: [(&str, &str, &str, &str, &str); 4] = [
    ("artisan", "laravel/framework", "dev", "php artisan serve", "laravel-serves-with-artisan"),
    ("artisan", "laravel/framework", "migrate", "php artisan migrate", "laravel-migrates-with-artisan"),
    ("artisan", "laravel/framework", "test", "php artisan test", "laravel-tests-with-artisan"),
    (
        "bin/console",
        "doctrine/doctrine-migrations-bundle",
        "migrate",
        "php bin/console doctrine:migrations:migrate",
        "symfony-migrates-with-console",
    ),
];

pub(super) fn extract(corpus: &Corpus, file: &SourceFile, found: &mut Found) {
    let root = file.document().root();
    let cwd = file.folder();
    for entry in root.get("scripts").map(Node::entries).unwrap_or_default() {
        let is_event = EVENTS.iter().any(|event| match event.strip_suffix('-') {
            Some(_) => entry.key.starts_with(event),
            None => entry.key == *event,
        });
        if is_event {
            continue;
        }
        let line = format!("composer {}", entry.key);
        let steps: Vec<&str> =
            entry.value.as_str().into_iter().chain(entry.value.items().iter().filter_map(Node::as_str)).collect();
        let kind = kind::of_script(&entry.key, &steps.join(" && "));
        let command = Command { kind, line, manager: "composer", cwd };
        let fact = command.fact(file.lines(entry.line, entry.value.end_line));
        found.facts.push(fact.with("script", entry.key.as_str()).with("runs", steps.join(" && ")));
    }
    if root.get("require").is_some() {
        let command = Command { kind: "install", line: "composer install".to_owned(), manager: "composer", cwd };
        found.facts.push(command.inferred("install-from-composer-json", file.exists()));
    }
    for (program, package, kind, line, rule) in CONSOLE {
        let needs = ["require", "require-dev"].iter().any(|section| root.at(&[section, package]).is_some());
        let Some(evidence) = corpus.exists(&inside(cwd, program)).filter(|_| needs) else { continue };
        let command = Command { kind, line: line.to_owned(), manager: "php", cwd };
        found.facts.push(command.inferred(rule, evidence));
    }
}
