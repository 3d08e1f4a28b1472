//! Keys of the .NET configuration in a program whose host reads the environment, as every default builder does. A key that is
//! named like a variable (`configuration["SMTP_HOST"]`) is one. Any other (`configuration["Smtp:Host"]`, a property of a class
//! that a section is bound to) may come from a variable, `Smtp__Host`, as well as from a file: it is inferred. Where the program
//! adds variables with a prefix, a key may be read below it: that is unresolved.
//! Source: learn.microsoft.com, "Configuration in .NET", on environment variables and on binding.

use tree_sitter::Node;

use super::settings_file::SettingsFiles;
use super::{BY, is_loud, lines, otherwise};
use crate::extract::env_var::mention::{Mention, MentionRole, Mentions, is_name, is_required};
use crate::lang::csharp::CSharpProgram;
use crate::lang::csharp::calls::{self, CSharpCall, INDEX};
use crate::lang::csharp::lower::{CSharpType, attributes, flat};
use crate::lang::csharp::member::{self, argument, arguments, attribute_arguments, call_arguments};
use crate::lang::csharp::text::ExpressionPlace;
use crate::syntax::literal::text;
use crate::syntax::node::NodeExt as _;
use crate::tree::corpus::Corpus;
use crate::tree::file::SourceFile;

/// What makes a host that reads every variable.
const HOSTS: [&str; 6] = [
    "WebApplication.CreateBuilder(",
    "WebApplication.CreateSlimBuilder(",
    "Host.CreateDefaultBuilder(",
    "Host.CreateApplicationBuilder(",
    "WebHost.CreateDefaultBuilder(",
    ADDS,
];
const ADDS: &str = ".AddEnvironmentVariables(";
/// The types of a whole configuration; a question mark may follow.
const TYPES: [&str; 4] = ["IConfiguration", "IConfigurationRoot", "IConfigurationManager", "ConfigurationManager"];
/// Texts of the files that ask for a key or a section.
const ASKS: [&str; 10] = [
    "onfiguration[",
    "onfig[",
    "onf[",
    ".GetValue<",
    ".GetValue(",
    ".GetConnectionString(",
    "GetSection(",
    "GetRequiredSection(",
    "ection[",
    ".BindConfiguration(",
];
const SECTIONS: [&str; 2] = ["GetSection", "GetRequiredSection"];
/// Types whose value is one text.
const SCALARS: [&str; 22] = [
    "string",
    "String",
    "bool",
    "Boolean",
    "int",
    "Int32",
    "uint",
    "long",
    "Int64",
    "ulong",
    "short",
    "ushort",
    "byte",
    "float",
    "double",
    "decimal",
    "char",
    "TimeSpan",
    "Uri",
    "Guid",
    "DateTime",
    "DateTimeOffset",
];
/// Sections inside of sections.
const MAX_SECTION_DEPTH: usize = 6;
/// The rule of what is inferred.
const RULE: &str = "dotnet-configuration-key";

pub(super) fn read(corpus: &Corpus, mentions: &mut Mentions) {
    let Some(program) = CSharpProgram::with(corpus, &HOSTS) else { return };
    let is_prefixed = program.files_with(&[ADDS]).iter().any(|file| file.text().split(ADDS).skip(1).any(has_argument));
    let mut keys = Keys { settings: SettingsFiles::read(corpus), found: Vec::new(), is_prefixed, is_said: false };
    calls::each(
        &program,
        &ASKS,
        |name| {
            matches!(
                name,
                INDEX | "GetValue" | "GetConnectionString" | "Configure" | "Get" | "Bind" | "BindConfiguration"
            ) || SECTIONS.contains(&name)
        },
        |call| keys.read(call, mentions),
    );
    mentions.found.append(&mut keys.found);
}

fn has_argument(given: &str) -> bool {
    !given.trim_start().starts_with(')')
}

struct Keys<'c> {
    settings: SettingsFiles<'c>,
    found: Vec<Mention>,
    /// Whether variables below a prefix are read, too: then nobody knows which a key is filled from.
    is_prefixed: bool,
    /// Whether that was said.
    is_said: bool,
}

impl<'c> Keys<'c> {
    fn read(&mut self, call: &CSharpCall<'_, '_, 'c>, mentions: &mut Mentions) {
        let bytes = call.file.bytes();
        let given = match call.name {
            INDEX => call.node.field("subscript").map(|list| arguments(list, bytes)).unwrap_or_default(),
            _ => call_arguments(call.node, bytes),
        };
        let first = argument(&given, "key", 0).or_else(|| given.first().map(|given| given.value));
        let function = call.node.field("function");
        let on = call.node.field("expression").or_else(|| function?.field("expression"));
        let of_on = || section(call, on?, 0);
        let of_section = || of_on().filter(|of| !of.is_empty());
        let key = first.and_then(|key| call.text(key));
        match call.name {
            INDEX => self.key(call, of_on(), key, None, mentions),
            "GetValue" => self.key(call, of_on(), key, argument(&given, "defaultValue", 1), mentions),
            "GetConnectionString" => {
                let all = of_on().map(|of| below(&of, "ConnectionStrings"));
                self.key(call, all, key, None, mentions);
            }
            "Configure" => self.bind(call, function, first.and_then(|given| section(call, given, 0)), mentions),
            "Bind" => match on.filter(|on| text(*on, bytes).contains("AddOptions<")) {
                Some(on) => self.bind(call, Some(on), first.and_then(|given| section(call, given, 0)), mentions),
                None => self.bind(call, first.and_then(|given| made(call, given)), of_section(), mentions),
            },
            "BindConfiguration" => self.bind(call, on, key, mentions),
            "Get" => self.bind(call, function, of_section(), mentions),
            // `GetSection("Smtp:Host").Value`
            _ => {
                let parent = call.around.iter().rev().nth(1);
                if parent.is_some_and(|parent| parent.field_is("name", "Value", bytes)) {
                    self.key(call, of_on(), key, None, mentions);
                }
            }
        }
    }

    /// A key of a section that is asked for by its name.
    fn key(
        &mut self,
        call: &CSharpCall<'_, '_, 'c>,
        section: Option<String>,
        key: Option<String>,
        default: Option<Node<'c>>,
        mentions: &mut Mentions,
    ) {
        let Some(section) = section else { return };
        let bytes = call.file.bytes();
        let Some(key) = key.map(|key| below(&section, &key)) else {
            let shown: String = text(call.node, bytes).chars().take(60).collect();
            mentions.unresolved(format!("a key of the configuration is computed: `{shown}`"), lines(call));
            return;
        };
        if self.is_prefixed {
            // Those that are not named like variables are many, and said once.
            if is_loud(&key) {
                let reason = format!("the key `{key}` of the configuration may be read below a prefix");
                mentions.unresolved(reason, lines(call));
            } else {
                self.say(call, mentions);
            }
            return;
        }
        let (default, required) = match default {
            Some(given) => (value(given, bytes, |node| call.text(node)), Some(false)),
            None => {
                let (default, ends) = otherwise(call);
                let required = is_required(&default, ends);
                (default, required)
            }
        };
        if is_loud(&key) {
            let evidence = lines(call);
            self.found.push(Mention { name: key, required, default, role: MentionRole::Reads(BY), evidence });
        } else {
            self.may_be(call.file, &key, (default, required), lines(call));
        }
    }

    /// A section that fills the properties of a type: `Configure<Smtp>(section)`, `section.Get<Smtp>()`.
    fn bind(
        &mut self,
        call: &CSharpCall<'_, '_, 'c>,
        named: Option<Node<'c>>,
        section: Option<String>,
        mentions: &mut Mentions,
    ) {
        let (Some(section), Some(within)) = (section, call.place.within) else { return };
        if self.is_prefixed {
            self.say(call, mentions);
            return;
        }
        let named = named.map(|named| text(named, call.file.bytes())).unwrap_or_default();
        // The last type argument before the call, or the type itself.
        let name = named.rsplit_once('<').map_or(named, |(_, rest)| rest.split('>').next().unwrap_or(rest));
        if call.place.program.resolve(name, within).is_empty() {
            let reason =
                format!("the section `{section}` of the configuration fills a type that could not be followed");
            mentions.unresolved(reason, lines(call));
        } else {
            self.properties(call.place.program, &[name], within, &section);
        }
    }

    /// That keys are read below a prefix, once.
    fn say(&mut self, call: &CSharpCall<'_, '_, 'c>, mentions: &mut Mentions) {
        if !std::mem::replace(&mut self.is_said, true) {
            mentions.unresolved("keys of the configuration may be read below a prefix".to_owned(), lines(call));
        }
    }

    /// What a section fills: the properties of the last of these types, which are of one another.
    fn properties(&mut self, program: &CSharpProgram<'c>, types: &[&str], from: &CSharpType<'c>, section: &str) {
        let Some(name) = types.last().filter(|_| types.len() <= MAX_SECTION_DEPTH) else { return };
        let parts = program.resolve(name, from);
        let (bases, _) = program.bases(&parts);
        for part in parts.into_iter().chain(bases.into_iter().flatten()) {
            let bytes = part.bytes();
            for property in part.members().into_iter().filter(|one| one.kind() == "property_declaration") {
                if !is_filled(property, bytes) {
                    continue;
                }
                let of = property.field_text("type", bytes).trim_end_matches('?');
                let marks = attributes(property, bytes);
                let named = marks.iter().find(|mark| mark.name == "ConfigurationKeyName");
                let named = named.and_then(|mark| argument(&attribute_arguments(mark, bytes), "name", 0));
                let place = ExpressionPlace::within(program, part);
                let own = named.and_then(|named| place.text(named));
                let key = below(section, own.as_deref().unwrap_or_else(|| property.field_text("name", bytes)));
                if !SCALARS.contains(&of) {
                    let is_plain = of.chars().all(|letter| letter.is_alphanumeric() || matches!(letter, '.' | '_'));
                    if is_plain && !types.contains(&of) {
                        self.properties(program, &[types, &[of]].concat(), part, &key);
                    }
                    continue;
                }
                let first = property.field("value");
                let default = first.and_then(|given| value(given, bytes, |node| place.text(node)));
                let must = marks.iter().any(|mark| mark.name == "Required") || is_marked(property, "required", bytes);
                let required = is_required(&default, must && first.is_none());
                let range = property.byte_range();
                let evidence =
                    part.file.lines(part.file.line_at(range.start), part.file.line_at(range.end.saturating_sub(1)));
                self.may_be(part.file, &key, (default, required), evidence);
            }
        }
    }

    /// A variable that may give the value of a key, beside the file that does.
    fn may_be(
        &mut self,
        file: &SourceFile,
        key: &str,
        (default, required): (Option<String>, Option<bool>),
        evidence: ci_feed_dossier::evidence::Evidence,
    ) {
        let name = key.replace(':', "__");
        if !is_name(&name) || name.len() < 3 {
            return;
        }
        let (mut default, mut required) = (default, required);
        if let Some((given, place)) = self.settings.of(key, file) {
            (default, required) = (Some(given), Some(false));
            let documents = Mention {
                required: None,
                default: None,
                role: MentionRole::Documents,
                ..Mention::read(BY, &name, place)
            };
            self.found.push(documents);
        }
        self.found.push(Mention { name, required, default, role: MentionRole::MayRead(BY, RULE), evidence });
    }
}

fn below(section: &str, key: &str) -> String {
    if section.is_empty() { key.to_owned() } else { format!("{section}:{key}") }
}

/// What a default is, where it is plain.
fn value<'c>(given: Node<'c>, bytes: &[u8], read: impl Fn(Node<'c>) -> Option<String>) -> Option<String> {
    match given.kind() {
        "integer_literal" | "boolean_literal" | "real_literal" => Some(text(given, bytes).to_owned()),
        _ => read(given).filter(|default| !default.is_empty()),
    }
}

/// Whether the configuration can set a property: it is public and no one's but the object's.
fn is_filled(property: Node<'_>, bytes: &[u8]) -> bool {
    let accessors = property.field("accessors").map(flat).unwrap_or_default();
    let sets = accessors.iter().any(|one| {
        let accessor = text(*one, bytes).trim_start();
        accessor.starts_with("set") || accessor.starts_with("init")
    });
    sets && is_marked(property, "public", bytes) && !is_marked(property, "static", bytes)
}

fn is_marked(property: Node<'_>, modifier: &str, bytes: &[u8]) -> bool {
    flat(property).iter().any(|part| part.kind() == "modifier" && text(*part, bytes) == modifier)
}

/// The place in the configuration that an expression stands for: empty for all of it, `Smtp` for a section.
fn section<'c>(call: &CSharpCall<'_, '_, 'c>, of: Node<'c>, depth: usize) -> Option<String> {
    let bytes = call.file.bytes();
    if depth > MAX_SECTION_DEPTH {
        return None;
    }
    if of.kind() == "invocation_expression" {
        let function = of.field("function")?;
        let is_section = SECTIONS.contains(&function.field_text("name", bytes));
        let key = call.text(call_arguments(of, bytes).first().filter(|_| is_section)?.value)?;
        return Some(below(&section(call, function.field("expression")?, depth + 1)?, &key));
    }
    if let Some(first) = declared(call, of) {
        return match first.kind() {
            "invocation_expression" if text(first, bytes).contains("Section(") => section(call, first, depth + 1),
            _ => is_whole(call.file, text(of, bytes)).then(String::new),
        };
    }
    is_whole(call.file, text(of, bytes)).then(String::new)
}

/// What a variable of the method around a call is made with.
fn declared<'c>(call: &CSharpCall<'_, '_, 'c>, variable: Node<'c>) -> Option<Node<'c>> {
    let bytes = call.file.bytes();
    let wanted = (variable.kind() == "identifier").then(|| text(variable, bytes))?;
    let blocks = call.around.iter().rev().filter(|one| matches!(one.kind(), "block" | "compilation_unit"));
    let statements = blocks.flat_map(|block| flat(*block)).map(|statement| match statement.kind() {
        "global_statement" => statement.named_child(0).unwrap_or(statement),
        _ => statement,
    });
    let declarations = statements.filter(|statement| statement.kind() == "local_declaration_statement");
    let declarators = declarations.flat_map(flat).filter(|part| part.kind() == "variable_declaration").flat_map(flat);
    declarators.filter(|one| one.field_is("name", wanted, bytes)).find_map(member::initial)
}

/// The type of the object that a section is bound to: a variable that is made with `new Smtp()`.
fn made<'c>(call: &CSharpCall<'_, '_, 'c>, given: Node<'c>) -> Option<Node<'c>> {
    declared(call, given).filter(|first| first.kind() == "object_creation_expression")?.field("type")
}

/// Whether a name stands for the whole configuration and not for a section of it.
fn is_whole(file: &SourceFile, on: &str) -> bool {
    let (before, name) = on.rsplit_once('.').unwrap_or(("", on));
    if !name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_') || name.is_empty() {
        return false;
    }
    // `builder.Configuration`, `context.Configuration`
    if name == "Configuration" && !matches!(before, "" | "this") {
        return true;
    }
    let source = file.text();
    let is_declared = TYPES.iter().any(|of| {
        let [plain, optional] = [format!("{of} {name}"), format!("{of}? {name}")];
        let ends = |at: usize| !source[at..].starts_with(|next: char| next.is_alphanumeric() || next == '_');
        [plain, optional].iter().any(|one| source.match_indices(one).any(|(at, one)| ends(at + one.len())))
    });
    let start = format!("{name} = ");
    let made = |ends: &str| {
        let values = source.match_indices(&start).map(|(at, start)| &source[at + start.len()..]);
        let mut values = values.map(|rest| rest.split(';').next().unwrap_or_default());
        values.any(|value| value.trim_end().contains(ends))
    };
    (is_declared || made("new ConfigurationBuilder()") || made(".Configuration")) && !made("GetSection(")
}
