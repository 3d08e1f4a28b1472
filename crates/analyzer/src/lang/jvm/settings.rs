//! The settings that a program of Spring, Quarkus or Micronaut starts with: `application.properties` and
//! `application.yml` of each module, files that its classes name, and those of the profiles that these switch on
//! themselves.

use std::collections::{BTreeMap, BTreeSet};

use ci_feed_dossier::evidence::Evidence;

use crate::budget::{Budget, Limits, short};
use crate::syntax::grammar::Family;
use crate::syntax::literal::closing_brace;
use crate::syntax::prefilter;
use crate::tree::corpus::Corpus;
use crate::tree::document::{Node, properties};
use crate::tree::file::SourceFile;
use crate::tree::path::folder_of;

/// Placeholders inside of placeholders.
const NESTED: Limits = Limits::nested(16);
/// Maps inside of maps; the documents are bounded too.
const MAX_MAP_DEPTH: usize = 64;

/// One setting of one file.
#[derive(Debug)]
pub(crate) struct Setting<'c> {
    /// As it is written, in one line: `server.servlet.context-path`.
    pub(crate) key: String,
    pub(crate) value: String,
    file: &'c SourceFile,
    lines: (u32, u32),
}

impl Setting<'_> {
    pub(crate) fn evidence(&self) -> Evidence {
        self.file.lines(self.lines.0, self.lines.1)
    }
}

/// A file of settings.
#[derive(Debug)]
pub(crate) struct SettingsFile<'c> {
    pub(crate) file: &'c SourceFile,
    /// The folder of the module that it belongs to.
    pub(crate) module: String,
    /// The profile in its name.
    pub(crate) profile: Option<String>,
}

/// The settings of every module.
#[derive(Debug, Default)]
pub(crate) struct JvmSettings<'c> {
    modules: BTreeMap<String, Vec<Setting<'c>>>,
}

/// The folder of the module that a path belongs to: what stands before `src/`.
pub(crate) fn module_of(path: &str) -> &str {
    for layout in ["src/main/", "src/"] {
        if path.starts_with(layout) {
            return "";
        }
        if let Some(at) = path.find(&format!("/{layout}")) {
            return &path[..at];
        }
    }
    folder_of(path)
}

/// Every file of settings, those of profiles too.
pub(crate) fn files(corpus: &Corpus) -> Vec<SettingsFile<'_>> {
    let mut names: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for file in prefilter::files_with(corpus, Family::Java, &["spring.config.name"]) {
        let text = file.text();
        let words = text.split(|letter: char| !(letter.is_alphanumeric() || matches!(letter, '-' | '_')));
        names.entry(module_of(&file.path).to_owned()).or_default().extend(words.map(str::to_owned));
    }
    for file in prefilter::files_with(corpus, Family::Java, &["@PropertySource"]) {
        let of_module = names.entry(module_of(&file.path).to_owned()).or_default();
        let text = file.text();
        for literal in text.split("classpath:").skip(1) {
            let path = literal.split(['"', '\'']).next().unwrap_or_default();
            let name = path.rsplit('/').next().unwrap_or_default();
            of_module.extend(name.rsplit_once('.').map(|(stem, _)| stem.to_owned()));
        }
    }
    let mut out = Vec::new();
    for file in corpus.application() {
        let Some((stem, ending)) = file.name().rsplit_once('.') else { continue };
        if !matches!(ending, "properties" | "yml" | "yaml") {
            continue;
        }
        let module = module_of(&file.path);
        let (base, profile) = match stem.split_once('-') {
            Some((base @ ("application" | "bootstrap"), profile)) => (base, Some(profile.to_owned())),
            _ => (stem, None),
        };
        let is_named =
            || file.path.contains("src/main/resources/") && names.get(module).is_some_and(|names| names.contains(stem));
        if matches!(base, "application" | "bootstrap") || is_named() {
            out.push(SettingsFile { file, module: module.to_owned(), profile });
        }
    }
    out
}

/// The configuration of servers of Dropwizard whose program fills it in from the environment, and whether such a program
/// ends without a variable.
pub(crate) fn of_dropwizard(corpus: &Corpus) -> Vec<(&SourceFile, bool)> {
    let programs = prefilter::files_with(corpus, Family::Java, &["EnvironmentVariableSubstitutor("]);
    let modules: BTreeSet<&str> = programs.iter().map(|file| module_of(&file.path)).collect();
    if modules.is_empty() {
        return Vec::new();
    }
    // What the substitutor is given is `false`, or a name for it, where the text may keep its placeholders.
    let is_strict = programs.iter().all(|file| {
        let text = file.text();
        let given = text.split("EnvironmentVariableSubstitutor(").nth(1).unwrap_or_default();
        matches!(given.split([')', ',']).next().map(str::trim), Some("" | "true"))
    });
    let is_yaml = |file: &&SourceFile| file.name().ends_with(".yml") || file.name().ends_with(".yaml");
    // Below the program's module, or at the root.
    let is_below = |file: &&SourceFile| {
        !file.path.contains('/') || modules.iter().any(|of| of.is_empty() || file.path.starts_with(&format!("{of}/")))
    };
    let is_server = |file: &&SourceFile| {
        let root = file.document().root();
        file.holds("${") && (root.get("server").is_some() || root.get("logging").is_some())
    };
    let files = corpus.application().filter(is_yaml).filter(is_below).filter(is_server);
    files.filter(|file| !file.name().starts_with("application")).map(|file| (file, is_strict)).collect()
}

/// A key as it is compared: Spring takes `contextPath`, `context-path` and `context_path` for one.
fn relaxed(key: &str) -> String {
    key.chars().filter(|letter| !matches!(letter, '-' | '_')).map(|letter| letter.to_ascii_lowercase()).collect()
}

impl<'c> JvmSettings<'c> {
    /// Read them all.
    pub(crate) fn read(corpus: &'c Corpus) -> Self {
        let files = files(corpus);
        let mut out = Self::default();
        // The first that has a key wins: the application's own file, then bootstrap and what classes name.
        let (own, others): (Vec<_>, Vec<_>) = files.iter().partition(|one| one.profile.is_none());
        let (application, others_of_own): (Vec<_>, Vec<_>) =
            own.into_iter().partition(|one| one.file.name().starts_with("application."));
        for one in application.into_iter().chain(others_of_own) {
            out.modules.entry(one.module.clone()).or_default().extend(flat(one.file));
        }
        let modules: Vec<String> = out.modules.keys().cloned().collect();
        for module in modules {
            let mut active = Vec::new();
            for key in ["spring.profiles.active", "spring.profiles.include"] {
                let value = out.get(&module, key).and_then(|setting| out.filled(&module, &setting.value));
                let listed = |setting: &&Setting<'_>| setting.key.starts_with(&format!("{key}["));
                let all = out.modules.get(&module).map(Vec::as_slice).unwrap_or_default();
                active.extend(value.unwrap_or_default().split(',').map(|name| name.trim().to_owned()));
                active.extend(all.iter().filter(listed).map(|setting| setting.value.clone()));
            }
            let mut more: Vec<Setting<'c>> = Vec::new();
            for profile in active.iter().rev().filter(|profile| !profile.is_empty()) {
                let fits = |one: &&&SettingsFile<'c>| one.module == module && one.profile.as_ref() == Some(profile);
                more.extend(others.iter().filter(fits).flat_map(|one| flat(one.file)));
            }
            if let Some(own) = out.modules.get_mut(&module) {
                more.append(own);
                *own = more;
            }
        }
        out
    }

    /// The modules that have settings.
    pub(crate) fn modules(&self) -> impl Iterator<Item = &str> {
        self.modules.keys().map(String::as_str)
    }

    /// A setting of a module, with Spring's relaxed comparison of names.
    pub(crate) fn get(&self, module: &str, key: &str) -> Option<&Setting<'c>> {
        let wanted = relaxed(key);
        self.modules.get(module)?.iter().find(|setting| relaxed(&setting.key) == wanted)
    }

    /// A text with its placeholders `${key:default}` replaced by what the module's settings, or else the defaults, say.
    pub(crate) fn filled(&self, module: &str, text: &str) -> Option<String> {
        self.fill(module, text, &NESTED.start())
    }

    fn fill(&self, module: &str, text: &str, budget: &Budget) -> Option<String> {
        let budget = &budget.deeper()?;
        let Some(from) = text.find("${") else { return Some(text.to_owned()) };
        let inner_from = from + 2;
        let to = inner_from + closing_brace(&text[inner_from..])?;
        let inner = &text[inner_from..to];
        let (key, default) = match inner.split_once(':') {
            Some((key, default)) => (key, Some(default)),
            None => (inner, None),
        };
        let value = match self.get(module, key.trim()) {
            Some(setting) => self.fill(module, &setting.value, budget)?,
            None => self.fill(module, default?, budget)?,
        };
        short(format!("{}{value}{}", &text[..from], self.fill(module, &text[to + 1..], budget)?))
    }
}

/// The settings of one file that count without any profile.
fn flat(file: &SourceFile) -> Vec<Setting<'_>> {
    let mut out = Vec::new();
    if file.name().ends_with(".properties") {
        let all = properties::parse(&file.text());
        let of_profiles: BTreeSet<usize> =
            all.iter().filter(|one| is_profile_key(&one.key)).map(|one| one.part).collect();
        for one in all.into_iter().filter(|one| !of_profiles.contains(&one.part)) {
            out.push(Setting { key: one.key, value: one.value, file, lines: one.lines });
        }
        return out;
    }
    for root in &file.document().roots {
        let mut of_root = Vec::new();
        flatten(file, root, String::new(), 0, &mut of_root);
        if !of_root.iter().any(|setting| is_profile_key(&setting.key)) {
            out.append(&mut of_root);
        }
    }
    out
}

/// Whether a part of a file that has this key counts for some profiles only.
fn is_profile_key(key: &str) -> bool {
    key == "spring.profiles" || key.starts_with("spring.profiles[") || key.starts_with("spring.config.activate.")
}

fn flatten<'c>(file: &'c SourceFile, node: &Node, prefix: String, depth: usize, out: &mut Vec<Setting<'c>>) {
    if depth > MAX_MAP_DEPTH {
        return;
    }
    for entry in node.entries() {
        let key = if prefix.is_empty() { entry.key.clone() } else { format!("{prefix}.{}", entry.key) };
        if let Some(value) = entry.value.scalar() {
            out.push(Setting { key, value, file, lines: (entry.line, entry.value.end_line.max(entry.line)) });
        } else if !entry.value.items().is_empty() {
            for (place, item) in entry.value.items().iter().enumerate() {
                if let Some(value) = item.scalar() {
                    let key = format!("{key}[{place}]");
                    out.push(Setting { key, value, file, lines: (item.start_line, item.end_line) });
                }
            }
        } else {
            flatten(file, &entry.value, key, depth + 1, out);
        }
    }
}
