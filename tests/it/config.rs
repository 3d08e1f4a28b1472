//! Settings: a bad value stops the start with a sentence that names it; what is written about them is true.

use std::process::Command;

use ci_feed::config::{ArtifactsPlace, Config, Provider, VARIABLES, env_example, markdown_table};

use crate::support::server::BINARY;

fn config(settings: &[(&str, &str)]) -> Result<Config, String> {
    let lookup = |name: &str| settings.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned());
    Config::from_lookup(&lookup).map_err(|error| error.to_string())
}

#[test]
fn without_any_setting_the_server_starts_on_loopback_with_sqlite() {
    let config = config(&[]).unwrap();
    assert_eq!(config.bind.to_string(), "127.0.0.1:8080");
    assert_eq!(config.artifacts, ArtifactsPlace::Disk("out/ci".into()));
    assert_eq!((config.lease.as_secs(), config.job_timeout.as_secs(), config.max_attempts), (300, 240, 3));
    assert_eq!(config.dedupe.as_secs(), 24 * 3600);
}

#[test]
fn a_hosts_port_is_listened_on_from_everywhere_and_postgres_keeps_artifacts() {
    let config = config(&[("PORT", "3000"), ("DATABASE_URL", "postgres://db/ci"), ("CI_FEED_BIND", "")]).unwrap();
    assert_eq!(config.bind.to_string(), "0.0.0.0:3000");
    assert_eq!(config.artifacts, ArtifactsPlace::Database);
}

#[test]
fn a_bucket_is_opened_by_the_variables_of_its_provider_only() {
    let all = [("AWS_REGION", "eu-north-1"), ("AWS_ACCESS_KEY_ID", ""), ("AZURE_STORAGE_ACCOUNT_NAME", "octo")];
    for (url, provider, bucket, prefix, set) in [
        ("s3://dossiers/feed", Provider::S3, "dossiers", "feed", &["AWS_REGION"][..]),
        ("gs://dossiers/ci/feed/", Provider::Google, "dossiers", "ci/feed", &[]),
        ("az://dossiers/feed_1.0", Provider::Azure, "dossiers", "feed_1.0", &["AZURE_STORAGE_ACCOUNT_NAME"]),
    ] {
        let config = config(&[&all[..], &[("CI_ARTIFACTS_URL", url)]].concat()).unwrap();
        let ArtifactsPlace::Objects(place) = &config.artifacts else { panic!("{url}: {:?}", config.artifacts) };
        let got = (place.provider, place.bucket.as_str(), place.prefix.as_str());
        assert_eq!(got, (provider, bucket, prefix), "{url}");
        assert_eq!(place.settings.keys().copied().collect::<Vec<_>>(), set, "{url}");
    }
}

#[test]
fn a_bad_value_is_named_with_what_it_should_be() {
    for (name, value) in [
        ("PORT", "http"),
        ("PORT", "70000"),
        ("CI_FEED_BIND", "localhost"),
        ("DATABASE_URL", "mysql://db"),
        ("CI_ARTIFACTS_URL", "s3://bucket"),
        ("CI_ARTIFACTS_URL", "s3://bucket/a/../b"),
        ("CI_ARTIFACTS_URL", "s3://key:secret@bucket/feed"),
        ("CI_ARTIFACTS_URL", "ftp://bucket/feed"),
        ("CI_READ_ACCESS", "everyone"),
        ("CI_READ_ACCESS", "token"),
        ("CI_DEDUPE_HOURS", "a day"),
        ("CI_JOB_TIMEOUT_SECONDS", "300"),
        ("CI_TICK_SLOTS", "0"),
        ("CI_MAX_ATTEMPTS", "-1"),
        ("GITHUB_SERVER_URL", "ssh://git@example.com"),
        ("GITHUB_SERVER_URL", "https://user:pass@example.com"),
        ("GITHUB_API_URL", "api.example.com"),
        ("GITHUB_API_URL", "https://user:pass@example.com"),
        ("CI_REPO_ALLOWLIST", "octo/["),
        ("CI_ANALYZER", "sh 'unclosed"),
        ("CI_ANALYZER", "sh -c 'analyze {src} --branch {ref}'"),
        ("CI_ANALYZER", "/bin/bash -euc 'analyze {src}'"),
        ("CI_ANALYZER", "timeout 60 dash -c {ref}"),
        ("CI_ANALYZER", "zsh -f -c 'analyze {out}' x"),
        ("CI_ANALYZER", "env -S 'analyze {ref}'"),
        ("CI_ANALYZER", "python3.12 -c 'print(\"{ref}\")'"),
        ("CI_ANALYZER", "node --eval='run(\"{sha}\")'"),
        ("CI_ANALYZER", "perl -we 'print q({repo})'"),
        ("CI_ANALYZER_READ", "tools"),
        ("CI_ANALYZER_READ", "/usr:/no/such/folder"),
        ("CI_SANDBOX", "strict"),
        ("CI_LOG", "xml"),
    ] {
        let error = config(&[(name, value)]).unwrap_err();
        assert!(error.starts_with(&format!("{name}: ")), "{name}={value}: {error}");
    }
}

#[test]
fn placeholders_may_be_arguments_of_a_script_but_not_stand_in_its_source() {
    for command in [
        "sh /opt/analyze.sh {src} {out}",
        "sh -c 'analyze \"$1\" \"$2\"' sh {src} {out}",
        "python3 analyze.py -c {ref}",
        "analyze -c {src} -e {sha}",
    ] {
        let config = config(&[("CI_ANALYZER", command)]);
        assert!(config.is_ok(), "{command}: {}", config.unwrap_err());
    }
    let refused = config(&[("CI_ANALYZER", "sh -c 'analyze {ref}'")]).unwrap_err();
    assert!(refused.contains("sh would run \"analyze {ref}\" as source"), "{refused}");
}

#[test]
fn the_api_of_the_forge_is_where_github_has_it_unless_somebody_says_where() {
    let of = |settings: &[(&str, &str)]| config(settings).map(|config| config.github_api_url);
    let api = |url: &str| Ok(Some(url.to_owned()));
    assert_eq!(of(&[]), api("https://api.github.com"));
    assert_eq!(of(&[("GITHUB_SERVER_URL", "https://git.example.com/")]), api("https://git.example.com/api/v3"));
    assert_eq!(of(&[("GITHUB_API_URL", "https://api.example.com/")]), api("https://api.example.com"));
    let folder = ("GITHUB_SERVER_URL", "file:///srv/git");
    assert_eq!(of(&[folder]), Ok(None));
    let refused = of(&[folder, ("GITHUB_WRITE_TOKEN", "x")]).unwrap_err();
    assert!(refused.starts_with("GITHUB_WRITE_TOKEN: is set, but"), "{refused}");
    assert_eq!(
        of(&[folder, ("GITHUB_WRITE_TOKEN", "x"), ("GITHUB_API_URL", "http://127.0.0.1")]),
        api("http://127.0.0.1")
    );
}

#[test]
fn secrets_are_not_in_the_debug_output() {
    let config = config(&[
        ("GITHUB_WEBHOOK_SECRET", "hush1"),
        ("GITHUB_TOKEN", "hush2"),
        ("CI_API_TOKEN", "hush3"),
        ("GITHUB_WRITE_TOKEN", "hush5"),
        ("DATABASE_URL", "postgres://u:hush4@db/ci"),
        ("CI_ARTIFACTS_URL", "s3://dossiers/feed"),
        ("AWS_SECRET_ACCESS_KEY", "hush6"),
    ]);
    assert!(!format!("{:?}", config.unwrap()).contains("hush"));
}

#[test]
fn the_binary_stops_with_that_sentence() {
    let output = Command::new(BINARY).arg("serve").env("CI_TICK_SLOTS", "none").output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.contains("CI_TICK_SLOTS: \"none\" is not a whole number from 1 to 64"), "{said}");
}

#[test]
fn a_database_that_cannot_be_used_stops_the_start_with_a_sentence() {
    for url in ["sqlite:///proc/no/such.db?mode=rwc", "postgres://127.0.0.1:1/none"] {
        let output = Command::new(BINARY).arg("serve").env("DATABASE_URL", url).output().unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(output.status.code() == Some(1) && said.contains("DATABASE_URL"), "{said}");
    }
}

#[test]
fn doctor_lists_every_setting_without_its_secrets() {
    let folder = tempfile::tempdir().unwrap();
    let output = Command::new(BINARY)
        .args(["doctor", "--json"])
        .current_dir(folder.path())
        .env("GITHUB_WEBHOOK_SECRET", "hush")
        .env("DATABASE_URL", format!("sqlite://{}/x.db?mode=rwc", folder.path().display()))
        .output()
        .unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{said}");
    assert!(!said.contains("hush"));
    for variable in VARIABLES {
        assert!(said.contains(variable.name), "{} is missing", variable.name);
    }
}

fn read(path: &str) -> String {
    std::fs::read_to_string(format!("{}/{path}", env!("CARGO_MANIFEST_DIR"))).unwrap()
}

#[test]
fn the_example_file_lists_every_setting() {
    assert_eq!(read(".env.example"), env_example(), "write it anew with: ci-feed doctor --env-example > .env.example");
}

#[test]
fn the_readmes_table_lists_every_setting() {
    let readme = read("README.md");
    assert!(readme.contains(&markdown_table()), "write it anew with: ci-feed doctor --markdown");
}
