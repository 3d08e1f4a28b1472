//! Files of the application that no deploy reads, told by their names: configurations of test runners and of tools that
//! build or check, containers of editors, and compose files and Dockerfiles for developers. What only they say is true, and
//! nothing to do before a deploy.

/// The detail of a fact that nothing but such files states.
pub(crate) const ATTR: &str = "not_deployed";

/// Names up to `.config.`: `jest.config.ts`. Bundlers are not among them: what they read goes into the product.
const CONFIGURED: [&str; 14] = [
    "ava",
    "codecept",
    "commitlint",
    "cypress",
    "eslint",
    "jest",
    "karma",
    "lint-staged",
    "nightwatch",
    "playwright",
    "prettier",
    "stylelint",
    "vitest",
    "wdio",
];
/// Whole names, up to the last ending.
const TOOLS: [&str; 11] = [
    ".eslintrc",
    ".mocharc",
    ".prettierrc",
    "gruntfile",
    "gulpfile",
    "karma.conf",
    "magefile",
    "noxfile",
    "protractor.conf",
    "vitest.workspace",
    "wdio.conf",
];
/// Folders of editors and of services that build and check.
const FOLDERS: [&str; 7] = [".circleci", ".codesandbox", ".devcontainer", ".github", ".gitpod", ".vscode", "magefiles"];
/// Folders of what a program gives to others: a Dockerfile there is of their product.
const PATTERNS: [&str; 8] =
    ["boilerplate", "scaffold", "scaffolds", "skeleton", "static", "stubs", "template", "templates"];
/// Folders of programs for those who work on the product.
const WORKSHOPS: [&str; 4] = ["hack", "script", "scripts", "tools"];
/// Words between the dots and dashes of the name of a compose file or a Dockerfile, of the folders of a compose file, and of
/// folders below [`WORKSHOPS`].
const DEVELOPERS: [&str; 12] = [
    "ci",
    "debug",
    "dev",
    "develop",
    "development",
    "e2e",
    "emulator",
    "emulators",
    "local",
    "override",
    "test",
    "tests",
];

/// Whether no deploy reads a file.
pub(crate) fn is_aside(path: &str) -> bool {
    let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
    let lower = name.to_ascii_lowercase();
    let stem = lower.rsplit_once('.').map_or(lower.as_str(), |(stem, _)| stem);
    // `playwright-ct.config`, `jest.e2e.config`
    let is_tool = |name: &str| {
        CONFIGURED.contains(&name) || CONFIGURED.contains(&name.split(['-', '.', '_']).next().unwrap_or(name))
    };
    let is_config = stem.split_once(".config").is_some_and(|(tool, _)| is_tool(tool));
    let is_compose = ["docker-compose", "compose"].iter().any(|start| lower.starts_with(start))
        && matches!(lower.rsplit('.').next(), Some("yml" | "yaml"));
    let is_dockerfile = lower.starts_with("dockerfile") || lower.ends_with(".dockerfile");
    let has_word = |name: &str| name.split(['.', '-', '_']).any(|word| DEVELOPERS.contains(&word));
    let folders = || folder.split('/');
    let mut below = folders().skip_while(|folder| !WORKSHOPS.contains(folder)).skip(1);
    let is_of_developers = || has_word(&lower) || is_compose && folders().any(has_word);
    // `config/environments/test.rb` of Rails
    let is_environment = folders().next_back() == Some("environments") && DEVELOPERS.contains(&stem);
    is_config
        || is_environment
        || TOOLS.contains(&stem)
        || folders().any(|folder| FOLDERS.contains(&folder))
        || lower == ".gitpod.dockerfile"
        || below.any(has_word)
        || ((is_compose || is_dockerfile) && (is_of_developers() || folders().any(|one| PATTERNS.contains(&one))))
}

#[cfg(test)]
mod tests {
    use super::is_aside;

    #[test]
    fn a_file_of_developers_is_told_by_its_name() {
        for path in [
            "docker-compose.local.yml",
            "deploy/compose-dev.yaml",
            "compose.override.yaml",
            "web/playwright.config.ts",
            "playwright-ct.config.ts",
            "jest.e2e.config.js",
            "vitest.config.unit.mts",
            "magefile.go",
            "magefiles/build.go",
            ".devcontainer/compose.yml",
            "api/.devcontainer/base/Dockerfile",
            ".gitpod.Dockerfile",
            "Dockerfile.dev",
            "docker/dev/docker-compose.yml",
            "tools/queue-emulator/compose.yaml",
            "docker/test.Dockerfile",
            "packages/maker/src/static/Dockerfile",
            "scripts/metrics-local/seed.py",
            "backend/tools/dev/watch.ts",
            "config/environments/test.rb",
            "config/environments/development.rb",
        ] {
            assert!(is_aside(path), "{path}");
        }
        for path in [
            "docker-compose.yml",
            "compose.prod.yaml",
            "Dockerfile",
            "Dockerfile.prod",
            "tools/compose.yaml",
            "dev/Dockerfile",
            "developer/compose.yaml",
            "vite.config.ts",
            "src/local.ts",
            "src/storage/local/disk.ts",
            "scripts/migrate.ts",
            "scripts/local.ts",
            "config/dev.yml",
            "config/environments/production.rb",
        ] {
            assert!(!is_aside(path), "{path}");
        }
    }
}
