//! Proofs in CloudFormation and SAM templates: types of resources and their properties. YAML and JSON.

use crate::tree::document::Node;
use crate::tree::file::SourceFile;

use super::{Proofs, has, is_set, lines, prove};

/// What a resource of a type proves.
const TYPES: &[(&str, &str)] = &[
    ("AWS::ECS::Service", "deployment_topology"),
    ("AWS::Lambda::Function", "deployment_topology"),
    ("AWS::Serverless::Function", "deployment_topology"),
    ("AWS::EC2::Instance", "deployment_topology"),
    ("AWS::AppRunner::Service", "deployment_topology"),
    ("AWS::ElasticBeanstalk::Environment", "deployment_topology"),
    ("AWS::AutoScaling::AutoScalingGroup", "deployment_topology"),
    ("AWS::IAM::Role", "runtime_iam"),
    ("AWS::SecretsManager::Secret", "secret_management"),
    ("AWS::SSM::Parameter", "secret_management"),
    ("AWS::CertificateManager::Certificate", "tls_termination"),
    ("AWS::Logs::LogGroup", "logging_sink"),
    ("AWS::CloudWatch::Alarm", "monitoring_alerting"),
    ("AWS::Backup::BackupPlan", "backup_retention"),
];

/// What a property proves: type of the resource (beginning), property, category.
const PROPERTIES: &[(&str, &str, &str)] = &[
    ("AWS::RDS::", "StorageEncrypted", "encryption_at_rest"),
    ("AWS::EC2::Volume", "Encrypted", "encryption_at_rest"),
    ("AWS::EFS::", "Encrypted", "encryption_at_rest"),
    ("AWS::S3::Bucket", "BucketEncryption", "encryption_at_rest"),
    ("AWS::DynamoDB::", "SSESpecification", "encryption_at_rest"),
    ("AWS::RDS::", "BackupRetentionPeriod", "backup_retention"),
    ("AWS::RDS::", "AvailabilityZone", "data_residency"),
];

pub(super) fn look(file: &SourceFile, proofs: &mut Proofs) {
    if has(file, b"containerDefinitions") {
        task_definition(file, proofs);
    }
    if !has(file, b"AWSTemplateFormatVersion") && !has(file, b"AWS::Serverless") && !has(file, b"AWS::") {
        return;
    }
    let root = file.document().root();
    // A Serverless Framework file keeps the same resources one level deeper.
    let resources = root.get("Resources").or_else(|| root.at(&["resources", "Resources"]));
    for resource in resources.map(Node::entries).unwrap_or_default() {
        let Some(kind) = resource.value.entry("Type") else { continue };
        let name = kind.value.as_str().unwrap_or_default();
        for (_, category) in TYPES.iter().filter(|(known, _)| *known == name) {
            prove(proofs, category, file.lines(kind.line, kind.line));
        }
        for (_, property, category) in PROPERTIES.iter().filter(|(start, ..)| name.starts_with(start)) {
            let entry = resource.value.entry_at(&["Properties", property]);
            if let Some(entry) = entry.filter(|entry| is_set(&entry.value)) {
                prove(proofs, category, lines(file, entry));
            }
        }
    }
}

/// A task definition of ECS.
fn task_definition(file: &SourceFile, proofs: &mut Proofs) {
    let root = file.document().root();
    let (Some(containers), Some(_)) = (root.entry("containerDefinitions"), root.entry("family")) else { return };
    prove(proofs, "deployment_topology", file.lines(containers.line, containers.line));
    if let Some(role) = root.entry("taskRoleArn").filter(|role| is_set(&role.value)) {
        prove(proofs, "runtime_iam", lines(file, role));
    }
    for container in containers.value.items() {
        let driver = container.entry_at(&["logConfiguration", "logDriver"]);
        if let Some(driver) = driver.filter(|driver| driver.value.as_str().is_some_and(|name| name != "json-file")) {
            prove(proofs, "logging_sink", lines(file, driver));
        }
        for secret in container.get("secrets").map(Node::items).unwrap_or_default() {
            if let Some(from) = secret.entry("valueFrom") {
                prove(proofs, "secret_management", lines(file, from));
            }
        }
    }
}
