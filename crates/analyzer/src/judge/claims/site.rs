//! Site generators: Markdown below their configuration is the source of pages with addresses and anchors of their own.

use crate::tree::corpus::Corpus;
use crate::tree::file::SourceFile;

use crate::tree::path::{ancestors, resolve};

/// Files whose presence says it.
const CONFIGURATION: &[&str] = &[
    "mkdocs.yml",
    "mkdocs.yaml",
    "zensical.toml",
    "properdocs.yml",
    "conf.py",
    "book.toml",
    "_config.yml",
    "SUMMARY.md",
    ".gitbook.yaml",
    "_sidebar.md",
    "_quarto.yml",
    "_toc.yml",
    "docfx.json",
    "mint.json",
    "docs.json",
    "sidebars.js",
    "sidebars.ts",
    "hugo.toml",
    "hugo.yaml",
    "antora.yml",
    "antora-playbook.yml",
    "source.config.ts",
    "theme.config.tsx",
    "theme.config.jsx",
    "mdsvex.config.js",
];

/// What Elixir's ExDoc makes pages of: all in one folder, with assets that lie elsewhere.
const EX_DOC: &str = "mix.exs";

/// The same without their endings, which are many.
const STEMS: &[&str] = &["docusaurus.config.", "astro.config.", "gatsby-config.", "nuxt.config.", ".eleventy."];

/// Folders of a site's pages below a configuration at the root.
const CONTENT: &[&str] = &["docs", "doc", "documentation", "content", "website", "site", "pages", "guide"];

/// Where the tree has site generators.
pub(super) struct Sites<'c> {
    /// The folder of each configuration, and the configuration.
    roots: Vec<(&'c str, &'c SourceFile)>,
    /// How the documentation is shown that a site takes its pages from whose configuration lies elsewhere.
    pub(super) gathering: Option<Shown<'c>>,
}

impl<'c> Sites<'c> {
    pub(super) fn new(corpus: &'c Corpus) -> Self {
        let is_configuration = |file: &&SourceFile| {
            let name = file.name();
            let named = CONFIGURATION.contains(&name) || STEMS.iter().any(|stem| name.starts_with(stem));
            named
                || name.starts_with("config.") && file.folder().ends_with(".vitepress")
                || name == EX_DOC && file.holds("extras")
        };
        let roots = corpus.files().iter().filter(is_configuration).map(|file| {
            let folder = file.folder();
            let folder = folder.strip_suffix(".vitepress").map_or(folder, |above| above.trim_end_matches('/'));
            (folder, file)
        });
        let roots: Vec<_> = roots.collect();
        // It names the documentation, or it has no pages where it would have its own: then a step brings them, and others.
        let has_none = |root: &str, file: &SourceFile| {
            let pages = file.document().root().get("docs_dir").and_then(|pages| pages.as_str()).unwrap_or("docs");
            file.name().starts_with("mkdocs") && resolve(root, pages).is_some_and(|pages| !corpus.has_folder(&pages))
        };
        let gathering = roots.iter().find_map(|(root, file)| match *file {
            file if file.holds("../doc") => Some(Shown::OnSite(Some(file))),
            file if has_none(root, file) => Some(Shown::OnSite(None)),
            _ => None,
        });
        Self { roots, gathering }
    }

    /// The configuration of the site that this document is a page of.
    pub(super) fn of(&self, path: &str) -> Option<&'c SourceFile> {
        let first = path.split('/').next().unwrap_or_default().to_ascii_lowercase();
        let is_nested = path.contains('/');
        let holds = |root: &str| match root {
            "" => is_nested && (CONTENT.contains(&first.as_str()) || first.starts_with("doc")),
            root => ancestors(path).any(|folder| folder == root),
        };
        // `docs/source` and `docs` belong together, whichever of them holds the configuration.
        let shares_docs = |root: &str| {
            first.starts_with("doc")
                && is_nested
                && root.split('/').next().is_some_and(|top| top.eq_ignore_ascii_case(&first))
        };
        let is_of = |(root, file): &&(&str, &SourceFile)| match file.name() {
            EX_DOC => is_extra(file, path),
            _ => holds(root) || shares_docs(root),
        };
        self.roots.iter().find(is_of).map(|(_, file)| *file)
    }

    /// Whether the configuration of a site of MkDocs has a page in its list, by the last two parts of its path.
    pub(super) fn lists(&self, page: &str) -> bool {
        let parts: Vec<&str> = page.rsplitn(3, '/').collect();
        let [name, folder, ..] = parts.as_slice() else { return false };
        let listed = format!("{folder}/{name}");
        let is_listed = |line: &str| line.trim_end().trim_end_matches(['"', '\'']).ends_with(&listed);
        let configurations = self.roots.iter().filter(|(_, file)| file.name().starts_with("mkdocs"));
        name.ends_with(".md") && configurations.into_iter().any(|(_, file)| file.text().lines().any(is_listed))
    }

    /// Folders that the pages' absolute addresses may start in.
    pub(super) fn starts(&self) -> impl Iterator<Item = String> {
        self.roots.iter().flat_map(|(root, _)| {
            ["", "docs", "src", "source", "content", "content/docs", "src/content/docs", "static", "public"].map(
                |below| {
                    if root.is_empty() || below.is_empty() {
                        format!("{root}{below}")
                    } else {
                        format!("{root}/{below}")
                    }
                },
            )
        })
    }
}

/// Whether a `mix.exs` lists a document among its pages, by its path or by a pattern.
fn is_extra(manifest: &SourceFile, path: &str) -> bool {
    let folder = manifest.folder();
    let Some(rest) = path.strip_prefix(folder).map(|rest| rest.trim_start_matches('/')) else { return false };
    let text = manifest.text();
    text.split('"').skip(1).step_by(2).any(|named| match named.split_once('*') {
        Some((start, _)) => rest.starts_with(start) && named.ends_with("md"),
        None => named == rest,
    })
}

/// Whether relative links to Markdown files mean files on disk for this generator, with no plugin that makes pages.
pub(super) fn links_are_files(configuration: &SourceFile) -> bool {
    let name = configuration.name();
    let text = configuration.text();
    let makes_pages =
        ["gen-files", "monorepo", "multirepo", "macros", "mkdocstrings", "awesome", "rewrites", "plugin-content-docs"];
    (name.starts_with("mkdocs") || name.starts_with("docusaurus") || name.starts_with("config.") || name == "book.toml")
        && !makes_pages.iter().any(|plugin| text.contains(plugin))
}

/// How a document is shown, and so what its links mean.
#[derive(Clone, Copy)]
pub(super) enum Shown<'c> {
    /// By the forge, as the file that it is.
    ByForge,
    /// As a page of a site, with this configuration, or with one that is not in the tree.
    OnSite(Option<&'c SourceFile>),
}
