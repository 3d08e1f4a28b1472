//! The languages that are parsed, by file name, with their grammars.

/// A language with a grammar; TypeScript counts twice because its JSX variant is a grammar of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Language {
    /// `.js .mjs .cjs .jsx`
    JavaScript,
    /// `.ts .mts .cts`
    TypeScript,
    /// `.tsx`
    Tsx,
    /// `.py`
    Python,
    /// `.rs`
    Rust,
    /// `.go`
    Go,
    /// `.java`
    Java,
    /// `.cs`
    CSharp,
    /// `.rb .rake .ru .gemspec .jbuilder`, `Gemfile` and its kin
    Ruby,
    /// `.php`
    Php,
}

/// Languages whose files call each other, analyzed as one program.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Family {
    /// JavaScript and TypeScript.
    Script,
    /// Python.
    Python,
    /// Rust.
    Rust,
    /// Go.
    Go,
    /// Java.
    Java,
    /// C#.
    CSharp,
    /// Ruby.
    Ruby,
    /// PHP.
    Php,
}

impl Family {
    /// Every family, in the order of the results.
    pub(crate) const ALL: [Self; 8] =
        [Self::Script, Self::Python, Self::Rust, Self::Go, Self::Java, Self::CSharp, Self::Ruby, Self::Php];

    /// The name in documents.
    pub(crate) fn title(self) -> &'static str {
        match self {
            Self::Script => "JavaScript, TypeScript",
            Self::Python => "Python",
            Self::Rust => "Rust",
            Self::Go => "Go",
            Self::Java => "Java",
            Self::CSharp => "C#",
            Self::Ruby => "Ruby",
            Self::Php => "PHP",
        }
    }

    /// The families whose values are followed through the program (`trace`). In the others routes stand in
    /// annotations or in a language of their own, which is read without following values.
    pub(crate) const TRACED: [Self; 4] = [Self::Script, Self::Python, Self::Rust, Self::Go];
}

impl Language {
    /// The language of a path; type declarations (`.d.ts`) hold no program and have none.
    pub(crate) fn of_path(path: &str) -> Option<Self> {
        let name = path.rsplit('/').next().unwrap_or(path);
        if [".d.ts", ".d.mts", ".d.cts"].iter().any(|end| name.ends_with(end)) {
            return None;
        }
        // Ruby's tools know their files by name.
        if matches!(name, "Gemfile" | "Rakefile" | "Guardfile" | "Capfile" | "Appraisals" | "Vagrantfile") {
            return Some(Self::Ruby);
        }
        if name.starts_with("Gemfile.") && !name.ends_with(".lock") {
            return Some(Self::Ruby);
        }
        match name.rsplit_once('.')?.1 {
            "js" | "mjs" | "cjs" | "jsx" => Some(Self::JavaScript),
            "ts" | "mts" | "cts" => Some(Self::TypeScript),
            "tsx" => Some(Self::Tsx),
            "py" => Some(Self::Python),
            "rs" => Some(Self::Rust),
            "go" => Some(Self::Go),
            "java" => Some(Self::Java),
            "cs" => Some(Self::CSharp),
            "rb" | "rake" | "ru" | "gemspec" | "jbuilder" => Some(Self::Ruby),
            "php" => Some(Self::Php),
            _ => None,
        }
    }

    /// The family the language belongs to.
    pub(crate) fn family(self) -> Family {
        match self {
            Self::JavaScript | Self::TypeScript | Self::Tsx => Family::Script,
            Self::Python => Family::Python,
            Self::Rust => Family::Rust,
            Self::Go => Family::Go,
            Self::Java => Family::Java,
            Self::CSharp => Family::CSharp,
            Self::Ruby => Family::Ruby,
            Self::Php => Family::Php,
        }
    }

    /// The name in a dossier.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::JavaScript => "JavaScript",
            Self::TypeScript | Self::Tsx => "TypeScript",
            Self::Python => "Python",
            Self::Rust => "Rust",
            Self::Go => "Go",
            Self::Java => "Java",
            Self::CSharp => "C#",
            Self::Ruby => "Ruby",
            Self::Php => "PHP",
        }
    }

    /// The compiled grammar.
    pub(crate) fn grammar(self) -> tree_sitter::Language {
        match self {
            Self::JavaScript => tree_sitter_javascript::LANGUAGE.into(),
            Self::TypeScript => tree_sitter_typescript::LANGUAGE_TYPESCRIPT.into(),
            Self::Tsx => tree_sitter_typescript::LANGUAGE_TSX.into(),
            Self::Python => tree_sitter_python::LANGUAGE.into(),
            Self::Rust => tree_sitter_rust::LANGUAGE.into(),
            Self::Go => tree_sitter_go::LANGUAGE.into(),
            Self::Java => tree_sitter_java::LANGUAGE.into(),
            Self::CSharp => tree_sitter_c_sharp::LANGUAGE.into(),
            Self::Ruby => tree_sitter_ruby::LANGUAGE.into(),
            Self::Php => tree_sitter_php::LANGUAGE_PHP.into(),
        }
    }
}
