//! What Maven and Gradle can do with a build: their standard phases and tasks, and the ones of Spring Boot's plugin.
//! Nothing is stated by the files; each command is inferred from a build file, and from the wrapper that lies beside.

use roxmltree::Node;

use crate::fact::Found;
use crate::tree::corpus::Corpus;
use crate::tree::document::xml::{line_in, with_xml};
use crate::tree::file::SourceFile;
use crate::tree::path::{inside, upwards};

use super::Command;

/// A build tool: its files, wrapper, program and commands.
struct Tool {
    files: &'static [&'static str],
    wrapper: &'static str,
    program: &'static str,
    /// Kind and arguments.
    standard: &'static [(&'static str, &'static str)],
    rule: &'static str,
    start_rule: &'static str,
}

const MAVEN: Tool = Tool {
    files: &["pom.xml"],
    wrapper: "mvnw",
    program: "mvn",
    standard: &[("build", "package"), ("test", "test")],
    rule: "maven-lifecycle",
    start_rule: "spring-boot-maven-plugin",
};
const GRADLE: Tool = Tool {
    files: &["settings.gradle", "settings.gradle.kts", "build.gradle", "build.gradle.kts"],
    wrapper: "gradlew",
    program: "gradle",
    standard: &[("build", "build"), ("test", "test")],
    rule: "gradle-java-tasks",
    start_rule: "spring-boot-gradle-plugin",
};

pub(super) fn extract(corpus: &Corpus, found: &mut Found) {
    for tool in [&MAVEN, &GRADLE] {
        let mut done: Vec<&str> = Vec::new();
        for file in corpus.application().filter(|file| tool.files.contains(&file.name())) {
            let folder = file.folder();
            let root = root_of(corpus, tool, folder);
            let runner = if corpus.has_path(&inside(root, tool.wrapper)) {
                format!("./{}", tool.wrapper)
            } else {
                tool.program.to_owned()
            };
            if root == folder && !done.contains(&folder) {
                done.push(folder);
                for (kind, arguments) in tool.standard {
                    let command =
                        Command { kind, line: format!("{runner} {arguments}"), manager: tool.program, cwd: root };
                    found.facts.push(command.inferred(tool.rule, file.exists()));
                }
            }
            if let Some(line) = starts(corpus, file) {
                let below = folder.strip_prefix(root).unwrap_or(folder).trim_matches('/');
                let arguments = match (tool.program, below) {
                    ("mvn", "") => "spring-boot:run".to_owned(),
                    ("mvn", below) => format!("-pl {below} spring-boot:run"),
                    (_, "") => "bootRun".to_owned(),
                    (_, below) => format!(":{}:bootRun", below.replace('/', ":")),
                };
                let command =
                    Command { kind: "start", line: format!("{runner} {arguments}"), manager: tool.program, cwd: root };
                found.facts.push(command.inferred(tool.start_rule, file.lines(line, line)));
            }
        }
    }
}

/// The folder that a build is run from: the outermost above that has a file of the tool, without a gap.
fn root_of<'f>(corpus: &Corpus, tool: &Tool, folder: &'f str) -> &'f str {
    let has_file = |at: &&str| tool.files.iter().any(|name| corpus.has_path(&inside(at, name)));
    upwards(folder).skip(1).filter(has_file).last().unwrap_or(folder)
}

/// The line that applies Spring Boot's plugin.
fn starts(corpus: &Corpus, file: &SourceFile) -> Option<u32> {
    if file.name() == "pom.xml" {
        // Where the plugin is only managed, or there is no program, nothing can be started.
        let line = with_xml(file, |document| {
            let plugin = document.descendants().find(|node| {
                let is_name = node.tag_name().name() == "artifactId"
                    && node.text().map(str::trim) == Some("spring-boot-maven-plugin");
                let is_unused = |above: Node<'_, '_>| matches!(above.tag_name().name(), "pluginManagement" | "profile");
                is_name && !node.ancestors().any(is_unused)
            })?;
            Some(line_in(file, document, plugin.range().start))
        });
        let prefix = inside(file.folder(), "src/main/");
        let has_program = corpus.application().any(|one| one.path.starts_with(&prefix));
        return line.flatten().filter(|_| has_program);
    }
    let text = file.text();
    let alias = spring_alias(corpus);
    let is_applied = |line: &str| {
        let names = line.contains("org.springframework.boot'") || line.contains("org.springframework.boot\"");
        let applies = line.contains("id") || line.contains("plugin:");
        let by_alias = alias.as_ref().is_some_and(|alias| line.contains(&format!("alias(libs.plugins.{alias})")));
        ((names && applies && !line.contains("module") && !line.contains(':'))
            || (names && line.contains("apply plugin:"))
            || by_alias)
            && !line.contains("apply false")
            && !line.trim_start().starts_with("//")
    };
    text.lines().zip(1_u32..).find(|(line, _)| is_applied(line)).map(|(_, number)| number)
}

/// What the version catalog calls Spring Boot's plugin.
fn spring_alias(corpus: &Corpus) -> Option<String> {
    let catalog = corpus.file("gradle/libs.versions.toml")?;
    let plugins = catalog.document().root().get("plugins")?;
    let is_spring = |entry: &&crate::tree::document::KeyValue| {
        let id = entry.value.get("id").and_then(|id| id.as_str()).or_else(|| entry.value.as_str()?.split(':').next());
        id == Some("org.springframework.boot")
    };
    plugins.entries().iter().find(is_spring).map(|entry| entry.key.replace(['-', '_'], "."))
}
