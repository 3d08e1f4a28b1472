//! MSBuild projects (`.csproj` and their kin): where each lies, what it references, which SDK it uses. Conditions are
//! not evaluated: what stands under one counts.

use std::collections::{BTreeMap, BTreeSet};

use roxmltree::{Document, Node};

use crate::tree::corpus::Corpus;
use crate::tree::document::xml::with_xml;
use crate::tree::file::SourceFile;
use crate::tree::path::{folder_of, resolve, upwards};

/// Projects that a project references, directly or through others.
const MAX_REFERENCES: usize = 512;

/// Whether a file is an MSBuild project.
pub(crate) fn is_project(name: &str) -> bool {
    [".csproj", ".fsproj", ".vbproj"].iter().any(|ending| name.ends_with(ending))
}

/// What one project says.
#[derive(Debug, Default)]
pub(crate) struct CSharpProject {
    pub(crate) sdk: String,
    pub(crate) output: String,
    /// Folders of the projects that it references.
    references: Vec<String>,
    pub(crate) packages: BTreeSet<String>,
}

impl CSharpProject {
    /// Whether it builds a program rather than a library.
    pub(crate) fn is_program(&self) -> bool {
        match self.output.to_ascii_lowercase().as_str() {
            "" => self.sdk.starts_with("Microsoft.NET.Sdk.Web") || self.sdk.starts_with("Microsoft.NET.Sdk.Worker"),
            output => output == "exe" || output == "winexe",
        }
    }

    /// Whether a test runner runs it.
    pub(crate) fn is_test(&self) -> bool {
        ["Microsoft.NET.Test.Sdk", "MSTest", "xunit.v3", "TUnit"].iter().any(|name| self.packages.contains(*name))
    }
}

/// The projects of the tree, by folder.
#[derive(Debug, Default)]
pub(crate) struct Projects<'c> {
    by_folder: BTreeMap<&'c str, CSharpProject>,
}

impl<'c> Projects<'c> {
    pub(crate) fn read(corpus: &'c Corpus) -> Self {
        let mut by_folder: BTreeMap<&'c str, CSharpProject> = BTreeMap::new();
        for file in corpus.files().iter().filter(|file| is_project(file.name())) {
            if let Some(project) = with_xml(file, |document| project(file, document)) {
                by_folder.entry(file.folder()).or_insert(project);
            }
        }
        Self { by_folder }
    }

    /// The folder of the project that a file belongs to; empty when it belongs to none.
    pub(crate) fn folder_of(&self, file: &'c SourceFile) -> &'c str {
        upwards(file.folder()).find(|at| self.by_folder.contains_key(at)).unwrap_or_default()
    }

    /// The folders of a project and of all that it references.
    pub(crate) fn reached<'f>(&'f self, folder: &'f str) -> BTreeSet<&'f str> {
        let mut out = BTreeSet::from([folder]);
        let mut open = vec![folder];
        while let Some(next) = open.pop() {
            for reference in self.by_folder.get(next).map(|one| one.references.as_slice()).unwrap_or_default() {
                if out.len() < MAX_REFERENCES && out.insert(reference) {
                    open.push(reference);
                }
            }
        }
        out
    }

    /// The project in a folder.
    pub(crate) fn at(&self, folder: &str) -> Option<&CSharpProject> {
        self.by_folder.get(folder)
    }
}

/// Read one project file.
pub(crate) fn project(file: &SourceFile, document: &Document<'_>) -> CSharpProject {
    let mut out = CSharpProject::default();
    let root = document.root_element();
    out.sdk = root.attribute("Sdk").unwrap_or_default().to_owned();
    for node in root.descendants().filter(Node::is_element) {
        match node.tag_name().name() {
            "Sdk" if out.sdk.is_empty() => out.sdk = node.attribute("Name").unwrap_or_default().to_owned(),
            "OutputType" => out.output = node.text().unwrap_or_default().trim().to_owned(),
            "ProjectReference" => {
                let include = node.attribute("Include").unwrap_or_default().replace('\\', "/");
                if let Some(path) = beside(file.folder(), &include) {
                    out.references.push(folder_of(&path).to_owned());
                }
            }
            "PackageReference" => {
                out.packages.extend(node.attribute("Include").map(str::to_owned));
            }
            _ => {}
        }
    }
    out
}

/// A relative path from a folder; `None` when it leaves the tree or holds a property.
pub(crate) fn beside(folder: &str, relative: &str) -> Option<String> {
    if relative.contains("$(") || relative.is_empty() {
        return None;
    }
    resolve(folder, relative)
}
