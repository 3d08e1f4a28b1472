//! Proofs in the files of hosts: Fly, Render, Replit, Railway, Vercel, Netlify, Heroku, App Engine, Cloud Build,
//! Serverless, Workers, SOPS, Pulumi.

use crate::tree::document::Node;
use crate::tree::file::SourceFile;

use super::{Proofs, entry, is_set, lines, prove};

pub(super) fn yaml(file: &SourceFile, proofs: &mut Proofs) {
    let name = file.name();
    let stem = name.trim_end_matches(".yaml").trim_end_matches(".yml");
    let root = || file.document().root();
    match stem {
        "render" => {
            entry(file, root(), &["services"], "deployment_topology", proofs);
            for database in root().get("databases").map(Node::items).unwrap_or_default() {
                if let Some(region) = database.entry("region") {
                    prove(proofs, "data_residency", lines(file, region));
                }
            }
        }
        "serverless" => {
            entry(file, root(), &["functions"], "deployment_topology", proofs);
            entry(file, root(), &["provider", "iam"], "runtime_iam", proofs);
            entry(file, root(), &["provider", "iamRoleStatements"], "runtime_iam", proofs);
            let stores =
                root().at(&["resources", "Resources"]).map(Node::entries).unwrap_or_default().iter().any(|resource| {
                    let kind = resource.value.get("Type").and_then(Node::as_str).unwrap_or_default();
                    ["AWS::DynamoDB::", "AWS::RDS::", "AWS::S3::Bucket"].iter().any(|store| kind.starts_with(store))
                });
            let region = root().entry_at(&["provider", "region"]);
            if let Some(region) = region.filter(|region| stores && is_plain(&region.value)) {
                prove(proofs, "data_residency", lines(file, region));
            }
        }
        // App Engine; any other file of that name has no runtime.
        "app" if root().get("runtime").is_some() && root().get("apiVersion").is_none() => {
            entry(file, root(), &["runtime"], "deployment_topology", proofs);
            entry(file, root(), &["service_account"], "runtime_iam", proofs);
        }
        "heroku" => entry(file, root(), &["run"], "deployment_topology", proofs),
        "apprunner" => entry(file, root(), &["run"], "deployment_topology", proofs),
        "cloudbuild" => {
            for step in root().get("steps").map(Node::items).unwrap_or_default() {
                let Some(args) = step.entry("args") else { continue };
                let words: Vec<&str> = args.value.items().iter().filter_map(Node::as_str).collect();
                if words.windows(2).any(|two| matches!(two, ["run" | "app" | "functions", "deploy"]))
                    || words.contains(&"apply")
                {
                    prove(proofs, "deployment_topology", lines(file, args));
                }
            }
        }
        ".sops" => entry(file, root(), &["creation_rules"], "secret_management", proofs),
        _ if stem.starts_with("Pulumi.") => {
            for key in ["aws:region", "gcp:region", "azure-native:location"] {
                entry(file, root(), &["config", key], "data_residency", proofs);
            }
        }
        _ => {}
    }
}

pub(super) fn other(file: &SourceFile, proofs: &mut Proofs) {
    let root = || file.document().root();
    match file.name() {
        "fly.toml" => {
            entry(file, root(), &["app"], "deployment_topology", proofs);
            entry(file, root(), &["http_service", "force_https"], "tls_termination", proofs);
            // A volume is in the region of the machine that it is mounted on.
            if root().get("mounts").is_some() {
                entry(file, root(), &["primary_region"], "data_residency", proofs);
            }
        }
        ".replit" => entry(file, root(), &["deployment"], "deployment_topology", proofs),
        "vercel.json" | "app.json" | "railway.json" | "railway.toml" | "netlify.toml" | "Dockerrun.aws.json" => {
            let keys =
                ["builds", "functions", "deploy", "formation", "rewrites", "build", "containerDefinitions", "crons"];
            let first =
                root().entries().iter().find(|entry| keys.contains(&entry.key.as_str()) && is_set(&entry.value));
            if let Some(first) = first {
                prove(proofs, "deployment_topology", file.lines(first.line, first.line));
            }
        }
        "wrangler.toml" | "wrangler.json" | "wrangler.jsonc" => {
            entry(file, root(), &["main"], "deployment_topology", proofs)
        }
        "Procfile" => {
            let text = file.text();
            let process =
                text.lines().zip(1_u32..).find(|(line, _)| line.starts_with("web:") || line.starts_with("worker:"));
            if let Some((_, number)) = process {
                prove(proofs, "deployment_topology", file.lines(number, number));
            }
        }
        _ => {}
    }
}

/// A value that is no reference to a setting elsewhere.
fn is_plain(value: &Node) -> bool {
    value.as_str().is_some_and(|text| !text.contains('$') && !text.is_empty())
}
