//! Proofs in Kubernetes manifests: documents with `apiVersion` and `kind`. Templates that are no YAML prove nothing.

use crate::analyzer::document::Node;
use crate::analyzer::file::SourceFile;

use super::{Proofs, prove};

/// What the mere existence of an object of this kind proves.
const KINDS: &[(&str, &str)] = &[
    ("Deployment", "deployment_topology"),
    ("StatefulSet", "deployment_topology"),
    ("DaemonSet", "deployment_topology"),
    ("Certificate", "tls_termination"),
    ("Secret", "secret_management"),
    ("SealedSecret", "secret_management"),
    ("ExternalSecret", "secret_management"),
    ("SecretProviderClass", "secret_management"),
    ("ServiceAccount", "runtime_iam"),
    ("Role", "runtime_iam"),
    ("ClusterRole", "runtime_iam"),
    ("RoleBinding", "runtime_iam"),
    ("ClusterRoleBinding", "runtime_iam"),
    ("PrometheusRule", "monitoring_alerting"),
    ("AlertmanagerConfig", "monitoring_alerting"),
];

pub(super) fn look(file: &SourceFile, proofs: &mut Proofs) {
    // Most YAML of a tree is something else and need not be parsed for this.
    if !file.holds("apiVersion") {
        return;
    }
    for object in &file.document().roots {
        let (Some(_), Some(kind)) = (object.get("apiVersion"), object.entry("kind")) else { continue };
        let Some(name) = kind.value.as_str() else { continue };
        for (_, category) in KINDS.iter().filter(|(known, _)| *known == name) {
            prove(proofs, category, file.lines(kind.line, kind.line));
        }
        let detail: Option<(&[&str], &str)> = match name {
            "Ingress" => Some((&["spec", "tls"], "tls_termination")),
            "Schedule" => Some((&["spec", "template", "ttl"], "backup_retention")),
            "StorageClass" => Some((&["parameters", "encrypted"], "encryption_at_rest")),
            _ => None,
        };
        if let Some((path, category)) = detail
            && let Some(entry) = object.entry_at(path)
            && entry.value.scalar().as_deref() != Some("false")
        {
            prove(proofs, category, file.lines(entry.line, entry.value.end_line));
        }
        if name == "Gateway" {
            let listeners = object.at(&["spec", "listeners"]).map(Node::items).unwrap_or_default();
            for tls in listeners.iter().filter_map(|listener| listener.entry("tls")) {
                prove(proofs, "tls_termination", file.lines(tls.line, tls.value.end_line));
            }
        }
    }
}
