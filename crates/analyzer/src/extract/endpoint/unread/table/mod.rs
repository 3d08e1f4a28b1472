//! The web frameworks that are known and not read, as data. A framework that gets rules of its own leaves this table.

mod jvm;
mod others;
mod php;
mod python;
mod script;
mod systems;

/// A language with the endings of its programs, where its packages come from, and how an import begins.
#[derive(Debug)]
pub(super) struct UnreadLanguage {
    pub(super) title: &'static str,
    pub(super) ecosystem: &'static str,
    pub(super) endings: &'static [&'static str],
    pub(super) imports: &'static [&'static str],
}

/// A framework, and what tells that an application is made with it.
#[derive(Debug, Clone, Copy)]
pub(super) struct UnreadFramework {
    pub(super) name: &'static str,
    pub(super) language: &'static UnreadLanguage,
    /// Packages of the language's ecosystem; `*` at the end is any ending.
    pub(super) packages: &'static [&'static str],
    /// Whether applications list the package among what only developers need, because it builds them.
    pub(super) is_tool: bool,
    /// Names in the imports of programs. A package that also serves other ends is named here only.
    pub(super) imports: &'static [&'static str],
    /// Texts in programs.
    pub(super) texts: &'static [&'static str],
    /// Files: the end of a path, `*.ending`, or `folder/`.
    pub(super) files: &'static [&'static str],
    /// Packages of frameworks that are read: beside them its imports and texts say nothing.
    pub(super) unless: &'static [&'static str],
}

/// A framework that is told by packages.
const fn of(
    name: &'static str,
    language: &'static UnreadLanguage,
    packages: &'static [&'static str],
) -> UnreadFramework {
    UnreadFramework { name, language, packages, is_tool: false, imports: &[], texts: &[], files: &[], unless: &[] }
}

impl UnreadFramework {
    const fn tool(mut self) -> Self {
        self.is_tool = true;
        self
    }

    const fn imports(mut self, imports: &'static [&'static str]) -> Self {
        self.imports = imports;
        self
    }

    const fn texts(mut self, texts: &'static [&'static str]) -> Self {
        self.texts = texts;
        self
    }

    const fn files(mut self, files: &'static [&'static str]) -> Self {
        self.files = files;
        self
    }

    const fn unless(mut self, packages: &'static [&'static str]) -> Self {
        self.unless = packages;
        self
    }

    /// Whether a package of the ecosystem shows that it is used.
    pub(super) fn is_told_by(&self, package: &str) -> bool {
        self.packages.iter().any(|known| match known.strip_suffix('*') {
            Some(start) => package.starts_with(start),
            None => package == *known,
        })
    }
}

/// Every framework of the table.
pub(super) fn all() -> impl Iterator<Item = &'static UnreadFramework> {
    let parts = [script::ALL, python::ALL, php::ALL, jvm::ALL, systems::ALL, others::ALL];
    parts.into_iter().flatten()
}
