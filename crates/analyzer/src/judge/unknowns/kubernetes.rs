//! Proofs in Kubernetes manifests: documents with `apiVersion` and `kind`, also those inside of a List.

use crate::tree::document::Node;
use crate::tree::file::SourceFile;

use super::{Proofs, entry, is_backup, is_set, lines, logging, prove};

/// What the mere existence of an object of this kind proves.
pub(super) const KINDS: &[(&str, &str)] = &[
    ("Deployment", "deployment_topology"),
    ("StatefulSet", "deployment_topology"),
    ("DaemonSet", "deployment_topology"),
    ("Rollout", "deployment_topology"),
    ("Certificate", "tls_termination"),
    ("ManagedCertificate", "tls_termination"),
    ("Secret", "secret_management"),
    ("SealedSecret", "secret_management"),
    ("ExternalSecret", "secret_management"),
    ("SecretStore", "secret_management"),
    ("ClusterSecretStore", "secret_management"),
    ("SecretProviderClass", "secret_management"),
    ("VaultStaticSecret", "secret_management"),
    ("ServiceAccount", "runtime_iam"),
    ("RoleBinding", "runtime_iam"),
    ("ClusterRoleBinding", "runtime_iam"),
    ("Role", "runtime_iam"),
    ("ClusterRole", "runtime_iam"),
    ("PrometheusRule", "monitoring_alerting"),
    ("AlertmanagerConfig", "monitoring_alerting"),
    ("ServiceMonitor", "monitoring_alerting"),
    ("PodMonitor", "monitoring_alerting"),
    ("DatadogMonitor", "monitoring_alerting"),
    ("VMRule", "monitoring_alerting"),
    ("ClusterLogForwarder", "logging_sink"),
    ("ClusterOutput", "logging_sink"),
    ("ScheduledBackup", "backup_retention"),
];

pub(super) fn look(file: &SourceFile, proofs: &mut Proofs) {
    // Most YAML of a tree is something else and need not be parsed for this.
    if !file.holds("apiVersion") {
        return;
    }
    let kustomization = file.name().starts_with("kustomization.");
    for root in &file.document().roots {
        if kustomization {
            entry(file, root, &["secretGenerator"], "secret_management", proofs);
        }
        object(file, root, proofs);
        for item in root.get("items").map(Node::items).unwrap_or_default() {
            object(file, item, proofs);
        }
    }
}

fn object(file: &SourceFile, object: &Node, proofs: &mut Proofs) {
    let (Some(api), Some(kind)) = (object.get("apiVersion").and_then(Node::as_str), object.entry("kind")) else {
        return;
    };
    let Some(name) = kind.value.as_str() else { return };
    // A Knative service is what Cloud Run deploys; a plain Service is only a name for others.
    let is_knative = name == "Service" && api.starts_with("serving.knative.dev/");
    for (_, category) in KINDS.iter().filter(|(known, _)| *known == name) {
        prove(proofs, category, file.lines(kind.line, kind.line));
    }
    if is_knative {
        prove(proofs, "deployment_topology", file.lines(kind.line, kind.line));
        entry(file, object, &["spec", "template", "spec", "serviceAccountName"], "runtime_iam", proofs);
    }
    let detail: Option<(&[&str], &str)> = match name {
        "Ingress" | "IngressRoute" | "Route" | "HTTPProxy" => Some((&["spec", "tls"], "tls_termination")),
        "Schedule" if api.starts_with("velero.io/") => Some((&["spec", "schedule"], "backup_retention")),
        "StorageClass" => Some((&["parameters", "encrypted"], "encryption_at_rest")),
        "EncryptionConfiguration" => Some((&["resources"], "encryption_at_rest")),
        "Cluster" if api.starts_with("postgresql.cnpg.io/") => {
            Some((&["spec", "backup", "retentionPolicy"], "backup_retention"))
        }
        _ => None,
    };
    if let Some(entry) = detail.and_then(|(path, category)| Some((object.entry_at(path)?, category)))
        && is_set(&entry.0.value)
    {
        prove(proofs, entry.1, lines(file, entry.0));
    }
    match name {
        "Gateway" => {
            let listeners = object.at(&["spec", "listeners"]).or_else(|| object.at(&["spec", "servers"]));
            for tls in
                listeners.map(Node::items).unwrap_or_default().iter().filter_map(|listener| listener.entry("tls"))
            {
                prove(proofs, "tls_termination", lines(file, tls));
            }
        }
        "Service" => {
            let annotations = object.at(&["metadata", "annotations"]).map(Node::entries).unwrap_or_default();
            for one in
                annotations.iter().filter(|one| one.key.ends_with("load-balancer-ssl-cert") && is_set(&one.value))
            {
                prove(proofs, "tls_termination", lines(file, one));
            }
        }
        "ConfigMap" => {
            for one in object.get("data").map(Node::entries).unwrap_or_default() {
                if logging::ships(&one.key, one.value.as_str().unwrap_or_default()) {
                    prove(proofs, "logging_sink", file.lines(one.line, one.line));
                }
            }
        }
        "CronJob" => {
            let mut texts = Vec::new();
            collect(object, &mut texts);
            if let (Some((text, line)), Some(schedule)) =
                (texts.iter().find(|(text, _)| is_backup(text)), object.entry_at(&["spec", "schedule"]))
            {
                let first = u32::try_from(text.lines().take_while(|one| !is_backup(one)).count()).unwrap_or(0);
                prove(proofs, "backup_retention", file.lines(schedule.line, schedule.line));
                prove(proofs, "backup_retention", file.lines(line + first, line + first));
            }
        }
        "Deployment" | "StatefulSet" | "DaemonSet" | "Rollout" => workload(file, object, proofs),
        _ => {}
    }
}

/// What the pod of a workload says about secrets and the place it may run in.
fn workload(file: &SourceFile, object: &Node, proofs: &mut Proofs) {
    let Some(pod) = object.at(&["spec", "template", "spec"]) else { return };
    for container in pod.get("containers").map(Node::items).unwrap_or_default() {
        for variable in container.get("env").map(Node::items).unwrap_or_default() {
            if let Some(reference) = variable.entry_at(&["valueFrom", "secretKeyRef"]) {
                prove(proofs, "secret_management", lines(file, reference));
            }
        }
        for source in container.get("envFrom").map(Node::items).unwrap_or_default() {
            if let Some(reference) = source.entry("secretRef") {
                prove(proofs, "secret_management", lines(file, reference));
            }
        }
    }
    for one in pod.get("nodeSelector").map(Node::entries).unwrap_or_default() {
        let stateful = object.get("kind").and_then(Node::as_str) == Some("StatefulSet");
        if stateful && one.key.starts_with("topology.kubernetes.io/") && is_set(&one.value) {
            prove(proofs, "data_residency", lines(file, one));
        }
    }
}

/// Every text of an object with its line.
fn collect<'n>(node: &'n Node, texts: &mut Vec<(&'n str, u32)>) {
    texts.extend(node.as_str().map(|text| (text, node.start_line)));
    node.items().iter().for_each(|item| collect(item, texts));
    node.entries().iter().for_each(|entry| collect(&entry.value, texts));
}
