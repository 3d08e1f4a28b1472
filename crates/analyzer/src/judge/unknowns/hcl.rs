//! Proofs in Terraform: the types of resources, and attributes inside of them. A small reader of blocks and
//! `name = value` lines; expressions are not evaluated, and a value that is not plain proves nothing.

use ci_feed_dossier::evidence::Evidence;

use crate::tree::file::SourceFile;

use super::{Proofs, prove};

/// What a resource of a type proves; types may end in `*`.
const RESOURCES: &[(&str, &str)] = &[
    ("aws_secretsmanager_secret", "secret_management"),
    ("aws_ssm_parameter", "secret_management"),
    ("google_secret_manager_secret", "secret_management"),
    ("azurerm_key_vault", "secret_management"),
    ("vault_*", "secret_management"),
    ("kubernetes_secret", "secret_management"),
    ("aws_acm_certificate", "tls_termination"),
    ("google_compute_managed_ssl_certificate", "tls_termination"),
    ("azurerm_app_service_managed_certificate", "tls_termination"),
    ("digitalocean_certificate", "tls_termination"),
    ("aws_iam_role", "runtime_iam"),
    ("aws_iam_instance_profile", "runtime_iam"),
    ("google_service_account", "runtime_iam"),
    ("azurerm_user_assigned_identity", "runtime_iam"),
    ("aws_cloudwatch_log_group", "logging_sink"),
    ("google_logging_*", "logging_sink"),
    ("azurerm_log_analytics_workspace", "logging_sink"),
    ("aws_cloudwatch_metric_alarm", "monitoring_alerting"),
    ("google_monitoring_alert_policy", "monitoring_alerting"),
    ("azurerm_monitor_metric_alert", "monitoring_alerting"),
    ("datadog_monitor", "monitoring_alerting"),
    ("grafana_rule_group", "monitoring_alerting"),
    ("newrelic_nrql_alert_condition", "monitoring_alerting"),
    ("sentry_issue_alert", "monitoring_alerting"),
    ("pagerduty_service", "monitoring_alerting"),
    ("aws_ecs_service", "deployment_topology"),
    ("aws_lambda_function", "deployment_topology"),
    ("aws_instance", "deployment_topology"),
    ("aws_apprunner_service", "deployment_topology"),
    ("aws_elastic_beanstalk_environment", "deployment_topology"),
    ("google_cloud_run_*", "deployment_topology"),
    ("google_app_engine_*", "deployment_topology"),
    ("azurerm_container_app", "deployment_topology"),
    ("azurerm_linux_web_app", "deployment_topology"),
    ("kubernetes_deployment*", "deployment_topology"),
    ("hcloud_server", "deployment_topology"),
    ("digitalocean_app", "deployment_topology"),
    ("digitalocean_droplet", "deployment_topology"),
    ("heroku_app", "deployment_topology"),
    ("fly_app", "deployment_topology"),
    ("aws_backup_plan", "backup_retention"),
    ("google_storage_bucket_iam_*", "runtime_iam"),
];

/// What keeps data.
const STORES: &[&str] = &[
    "aws_db_instance",
    "aws_rds_cluster",
    "aws_s3_bucket",
    "aws_dynamodb_table",
    "aws_elasticache_*",
    "aws_efs_file_system",
    "google_sql_database_instance",
    "google_storage_bucket",
    "azurerm_postgresql_*",
    "azurerm_storage_account",
    "digitalocean_database_cluster",
    "digitalocean_spaces_bucket",
];

/// What an attribute inside a resource proves: beginning of the type, name, the value that does not, category.
const ATTRIBUTES: &[(&str, &str, &str, &str)] = &[
    ("", "storage_encrypted", "false", "encryption_at_rest"),
    ("", "at_rest_encryption_enabled", "false", "encryption_at_rest"),
    ("aws_ebs_volume", "encrypted", "false", "encryption_at_rest"),
    ("aws_efs_file_system", "encrypted", "false", "encryption_at_rest"),
    ("aws_s3_bucket_server_side_encryption_configuration", "sse_algorithm", "", "encryption_at_rest"),
    ("", "backup_retention_period", "0", "backup_retention"),
    ("", "backup_retention_days", "0", "backup_retention"),
    ("", "snapshot_retention_limit", "0", "backup_retention"),
    ("google_sql_database_instance", "retained_backups", "0", "backup_retention"),
    ("", "availability_zone", "", "data_residency"),
    ("google_sql_database_instance", "region", "", "data_residency"),
    ("google_storage_bucket", "location", "", "data_residency"),
    ("azurerm_postgresql", "location", "", "data_residency"),
    ("azurerm_storage_account", "location", "", "data_residency"),
    ("digitalocean_database_cluster", "region", "", "data_residency"),
    ("aws_lb_listener", "certificate_arn", "", "tls_termination"),
];

/// Regions that providers name, and whether anything keeps data.
#[derive(Default)]
pub(super) struct Regions {
    pub(super) named: Vec<Evidence>,
    pub(super) has_store: bool,
}

pub(super) fn look(file: &SourceFile, proofs: &mut Proofs, regions: &mut Regions) {
    let text = file.text();
    // The words of the lines that opened the blocks around.
    let mut open: Vec<Vec<&str>> = Vec::new();
    let mut here_document: Option<&str> = None;
    let mut in_comment = false;
    for (line, number) in text.lines().zip(1_u32..) {
        let trimmed = line.trim();
        if let Some(end) = here_document {
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
            here_document = Some(tag.trim_start_matches(['-', '~']).trim());
            continue;
        }
        let words: Vec<&str> = trimmed.split_whitespace().map(|word| word.trim_matches('"')).collect();
        if let (["resource", kind, ..], true) = (words.as_slice(), open.is_empty()) {
            for (_, category) in RESOURCES.iter().filter(|(known, _)| matches_type(known, kind)) {
                prove(proofs, category, file.lines(number, number));
            }
            regions.has_store |= STORES.iter().any(|known| matches_type(known, kind));
        }
        if let ([name, "=", value, ..], Some(around)) = (words.as_slice(), open.first()) {
            let is_quoted_or_plain =
                value.chars().all(|c| c.is_ascii_alphanumeric() || "-:".contains(c)) && !value.is_empty();
            match around.as_slice() {
                ["resource", kind, ..] => {
                    let fits = |(start, known, denies, _): &&(&str, &str, &str, &str)| {
                        kind.starts_with(start)
                            && known == name
                            && denies != value
                            && (is_quoted_or_plain || *name == "certificate_arn")
                    };
                    for (.., category) in ATTRIBUTES.iter().filter(fits) {
                        prove(proofs, category, file.lines(number, number));
                    }
                }
                ["provider", ..] if *name == "region" && trimmed.contains('"') && is_quoted_or_plain => {
                    regions.named.push(file.lines(number, number));
                }
                _ => {}
            }
        }
        let opens = trimmed.matches('{').count();
        let closes = trimmed.matches('}').count();
        for _ in closes..opens {
            open.push(words.clone());
        }
        open.truncate(open.len().saturating_sub(closes.saturating_sub(opens)));
    }
}

fn matches_type(known: &str, kind: &str) -> bool {
    known.strip_suffix('*').map_or(known == kind, |prefix| kind.starts_with(prefix))
}
