//! `license` facts: what manifests declare, and license files whose first lines name a well-known text.

use ci_feed_dossier::fact::FactKind;

use crate::fact::{Fact, Found};
use crate::tree::corpus::Corpus;
use crate::tree::document::Node;
use crate::tree::file::SourceFile;

/// A phrase that only this license has near its start, and its SPDX name. The more special ones come first.
const TEXTS: &[(&str, &str)] = &[
    ("GNU AFFERO GENERAL PUBLIC LICENSE", "AGPL-3.0"),
    ("GNU LESSER GENERAL PUBLIC LICENSE", "LGPL"),
    ("GNU GENERAL PUBLIC LICENSE Version 3", "GPL-3.0"),
    ("GNU GENERAL PUBLIC LICENSE Version 2", "GPL-2.0"),
    ("Mozilla Public License Version 2.0", "MPL-2.0"),
    ("Apache License Version 2.0", "Apache-2.0"),
    ("Boost Software License", "BSL-1.0"),
    ("This is free and unencumbered software released into the public domain", "Unlicense"),
    ("Permission to use, copy, modify, and/or distribute this software for any purpose", "ISC"),
    ("Permission is hereby granted, free of charge, to any person obtaining a copy", "MIT"),
    ("Neither the name of", "BSD-3-Clause"),
    ("Redistributions in binary form must reproduce", "BSD-2-Clause"),
];

/// Every license that is declared.
pub(crate) fn extract(corpus: &Corpus) -> Found {
    let mut found = Found::default();
    for file in corpus.application() {
        match file.name() {
            "package.json" | "composer.json" => manifest(file, &["license"], &mut found),
            "Cargo.toml" => {
                manifest(file, &["package", "license"], &mut found);
                manifest(file, &["workspace", "package", "license"], &mut found);
            }
            "pyproject.toml" => {
                manifest(file, &["project", "license"], &mut found);
                manifest(file, &["project", "license", "text"], &mut found);
                manifest(file, &["tool", "poetry", "license"], &mut found);
            }
            name if is_license_name(name) && !file.path.contains('/') => text(file, &mut found),
            _ => {}
        }
    }
    found
}

fn manifest(file: &SourceFile, path: &[&str], found: &mut Found) {
    let declared = file.document().root().entry_at(path);
    if let Some(entry) =
        declared.filter(|entry| Node::as_str(&entry.value).is_some_and(|text| !text.is_empty() && !text.contains('\n')))
        && let Some(name) = entry.value.as_str()
    {
        let fact = Fact::evidenced(
            FactKind::License,
            format!("{name} {}", file.path),
            file.lines(entry.line, entry.value.end_line),
        );
        found.facts.push(fact.with("license", name).with("said_by", "manifest"));
    }
}

fn text(file: &SourceFile, found: &mut Found) {
    let text = file.text();
    // License texts are broken into lines at will; the first 2 KB hold the phrase of all of them.
    let start: String = text.chars().take(2_500).collect();
    let words = start.split_whitespace().collect::<Vec<_>>().join(" ").to_ascii_lowercase();
    let known = TEXTS.iter().find(|(phrase, _)| words.contains(&phrase.to_ascii_lowercase()));
    if let Some((phrase, name)) = known {
        let first_words: Vec<&str> = phrase.split(' ').take(3).collect();
        let first = first_words.join(" ").to_ascii_lowercase();
        let line = text.lines().position(|line| line.to_ascii_lowercase().contains(&first)).unwrap_or(0);
        let line = u32::try_from(line + 1).unwrap_or(1);
        let fact = Fact::evidenced(FactKind::License, format!("{name} {}", file.path), file.lines(line, line));
        found.facts.push(fact.with("license", *name).with("said_by", "license text"));
    }
}

fn is_license_name(name: &str) -> bool {
    let upper = name.to_ascii_uppercase();
    ["LICENSE", "LICENCE", "COPYING", "UNLICENSE"].iter().any(|stem| upper.starts_with(stem))
}
