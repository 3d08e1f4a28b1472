//! Proofs in Terraform: the types of resources, and attributes inside of them. A small reader of blocks and
//! `name = value` lines; expressions are not evaluated, and a value that is not plain proves nothing.

use crate::analyzer::file::SourceFile;

use super::{Proofs, prove};

/// What a resource of a type proves; types may end in `*`.
const RESOURCES: &[(&str, &str)] = &[
    ("aws_secretsmanager_secret", "secret_management"),
    ("aws_ssm_parameter", "secret_management"),
    ("google_secret_manager_secret", "secret_management"),
    ("azurerm_key_vault", "secret_management"),
    ("vault_*", "secret_management"),
    ("aws_acm_certificate", "tls_termination"),
    ("google_compute_managed_ssl_certificate", "tls_termination"),
    ("aws_iam_role", "runtime_iam"),
    ("google_service_account", "runtime_iam"),
    ("azurerm_user_assigned_identity", "runtime_iam"),
    ("aws_cloudwatch_log_group", "logging_sink"),
    ("google_logging_*", "logging_sink"),
    ("aws_cloudwatch_metric_alarm", "monitoring_alerting"),
    ("google_monitoring_alert_policy", "monitoring_alerting"),
    ("aws_ecs_service", "deployment_topology"),
    ("aws_lambda_function", "deployment_topology"),
    ("aws_instance", "deployment_topology"),
    ("google_cloud_run_*", "deployment_topology"),
    ("aws_backup_plan", "backup_retention"),
];

/// What an attribute inside a resource proves: name, the value that does not, category.
const ATTRIBUTES: &[(&str, &str, &str)] = &[
    ("storage_encrypted", "false", "encryption_at_rest"),
    ("backup_retention_period", "0", "backup_retention"),
    ("availability_zone", "", "data_residency"),
];

pub(super) fn look(file: &SourceFile, proofs: &mut Proofs) {
    let text = file.text();
    let mut open: Vec<String> = Vec::new();
    let mut here_document: Option<String> = None;
    let mut in_comment = false;
    for (line, number) in text.lines().zip(1_u32..) {
        let trimmed = line.trim();
        if let Some(end) = &here_document {
            if trimmed == end {
                here_document = None;
            }
            continue;
        }
        if in_comment || trimmed.starts_with("/*") {
            in_comment = !trimmed.contains("*/");
            continue;
        }
        if trimmed.starts_with('#') || trimmed.starts_with("//") || trimmed.is_empty() {
            continue;
        }
        if let Some((_, tag)) = trimmed.split_once("<<") {
            here_document = Some(tag.trim_start_matches('-').trim().to_owned());
            continue;
        }
        let words: Vec<&str> = trimmed.split_whitespace().map(|word| word.trim_matches('"')).collect();
        if let (["resource", kind, ..], true) = (words.as_slice(), open.is_empty()) {
            for (_, category) in RESOURCES.iter().filter(|(known, _)| matches_type(known, kind)) {
                prove(proofs, category, file.lines(number, number));
            }
        }
        if let ([name, "=", value], Some("resource")) = (words.as_slice(), open.first().map(String::as_str)) {
            let plain = value.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
            for (_, _, category) in
                ATTRIBUTES.iter().filter(|(known, denies, _)| known == name && denies != value && plain)
            {
                prove(proofs, category, file.lines(number, number));
            }
        }
        let opens = trimmed.matches('{').count();
        let closes = trimmed.matches('}').count();
        for _ in closes..opens {
            open.push(words.first().copied().unwrap_or_default().to_owned());
        }
        open.truncate(open.len().saturating_sub(closes.saturating_sub(opens)));
    }
}

fn matches_type(known: &str, kind: &str) -> bool {
    known.strip_suffix('*').map_or(known == kind, |prefix| kind.starts_with(prefix))
}
