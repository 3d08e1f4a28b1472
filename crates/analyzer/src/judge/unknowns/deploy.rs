//! Proofs in workflows: steps that deploy, schedules that back up. The role that a workflow takes on is the one of the
//! workflow, and says nothing about what the running program may do.

use crate::tree::document::Node;
use crate::tree::file::SourceFile;

use super::{Proofs, is_backup, prove};

/// Actions that bring a product to where it runs.
const ACTIONS: &[&str] = &[
    "aws-actions/amazon-ecs-deploy-task-definition",
    "aws-actions/aws-lambda-deploy",
    "azure/webapps-deploy",
    "azure/k8s-deploy",
    "azure/container-apps-deploy-action",
    "azure/functions-action",
    "google-github-actions/deploy-cloudrun",
    "google-github-actions/deploy-appengine",
    "google-github-actions/deploy-cloud-functions",
    "akhileshns/heroku-deploy",
    "cloudflare/wrangler-action",
    "digitalocean/app_action",
    "burnett01/rsync-deployments",
    "easingthemes/ssh-deploy",
];

/// Commands that do the same.
const COMMANDS: &[&str] = &[
    "flyctl deploy",
    "fly deploy",
    "gcloud run deploy",
    "gcloud app deploy",
    "railway up",
    "kubectl apply",
    "kubectl set image",
    "kubectl rollout",
    "helm upgrade",
    "eb deploy",
    "serverless deploy",
    "sls deploy",
    "sam deploy",
    "cdk deploy",
    "terraform apply",
    "wrangler deploy",
    "az webapp",
    "cap production deploy",
    "kamal deploy",
    "aws ecs update-service",
];

pub(super) fn workflow(file: &SourceFile, proofs: &mut Proofs) {
    let root = file.document().root();
    let schedule = root.entry_at(&["on", "schedule"]);
    for job in root.get("jobs").map(Node::entries).unwrap_or_default() {
        for step in job.value.get("steps").map(Node::items).unwrap_or_default() {
            if let Some(uses) = step.entry("uses") {
                let action =
                    uses.value.as_str().unwrap_or_default().split('@').next().unwrap_or_default().to_ascii_lowercase();
                if ACTIONS.contains(&action.as_str()) {
                    prove(proofs, "deployment_topology", file.lines(uses.line, uses.line));
                }
                if action == "hashicorp/vault-action" || action == "1password/load-secrets-action" {
                    prove(proofs, "secret_management", file.lines(uses.line, uses.line));
                }
            }
            let Some(run) = step.entry("run") else { continue };
            let text = run.value.as_str().unwrap_or_default();
            // A dry run, or a cluster that lives as long as the job, deploys nothing.
            let only_tried =
                ["--dry-run", "minikube", "kind create", "k3d", "localhost"].iter().any(|word| text.contains(word));
            for (line, below) in text.lines().zip(0_u32..) {
                // A block starts on the line after its key.
                let number =
                    run.value.start_line + below + u32::from(text.contains('\n') && run.value.start_line == run.line);
                if !only_tried && COMMANDS.iter().any(|command| line.trim_start().starts_with(command)) {
                    prove(proofs, "deployment_topology", file.lines(number, number));
                }
                if is_backup(line) && schedule.is_some() {
                    prove(proofs, "backup_retention", file.lines(number, number));
                    schedule
                        .iter()
                        .for_each(|one| prove(proofs, "backup_retention", file.lines(one.line, one.value.end_line)));
                }
            }
        }
    }
}
