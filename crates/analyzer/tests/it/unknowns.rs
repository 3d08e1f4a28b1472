//! Unknowns as a table: which file proves which category, and which look-alikes prove none.

use crate::support::dossier;

/// The categories that a tree of these files proves.
fn proven(files: &[(&str, &str)]) -> Vec<String> {
    let dossier = dossier(files);
    assert_eq!(dossier.unknowns.len(), 9);
    for unknown in &dossier.unknowns {
        assert_eq!(unknown.status == "EVIDENCED", !unknown.evidence.is_empty());
        assert!(!unknown.resolve_with.is_empty());
    }
    let evidenced = dossier.unknowns.iter().filter(|unknown| unknown.status == "EVIDENCED");
    evidenced.map(|unknown| unknown.category.clone()).collect()
}

const WEB: &str = "services:\n  web:\n    image: registry.acme.io/shop:1\n";

#[test]
fn a_file_that_states_it_proves_its_category() {
    let table: &[(&str, &str, &[&str])] = &[
        (
            "k8s/list.yaml",
            "apiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  kind: ServiceAccount\n- apiVersion: apps/v1\n  kind: Deployment\n",
            &["deployment_topology", "runtime_iam"],
        ),
        (
            "k8s/env.yaml",
            "apiVersion: apps/v1\nkind: StatefulSet\nspec:\n  template:\n    spec:\n      nodeSelector:\n        topology.kubernetes.io/region: eu-west-1\n      containers:\n      - env:\n        - name: A\n          valueFrom:\n            secretKeyRef:\n              name: x\n",
            &["secret_management", "deployment_topology", "data_residency"],
        ),
        (
            "k8s/dump.yaml",
            "apiVersion: batch/v1\nkind: CronJob\nspec:\n  schedule: '0 3 * * *'\n  jobTemplate:\n    spec:\n      template:\n        spec:\n          containers:\n          - command: [sh, -c, 'pg_dump x | gzip > /b/x.gz']\n",
            &["backup_retention"],
        ),
        (
            "k8s/velero.yaml",
            "apiVersion: velero.io/v1\nkind: Schedule\nspec:\n  schedule: '@daily'\n",
            &["backup_retention"],
        ),
        ("k8s/rules.yaml", "apiVersion: monitoring.coreos.com/v1\nkind: PrometheusRule\n", &["monitoring_alerting"]),
        (
            "k8s/class.yaml",
            "apiVersion: storage.k8s.io/v1\nkind: StorageClass\nparameters:\n  encrypted: 'true'\n",
            &["encryption_at_rest"],
        ),
        (
            "k8s/bit.yaml",
            "apiVersion: v1\nkind: ConfigMap\ndata:\n  fluent-bit.conf: |\n    [OUTPUT]\n        Name es\n",
            &["logging_sink"],
        ),
        (
            "k8s/gateway.yaml",
            "apiVersion: gateway.networking.k8s.io/v1\nkind: Gateway\nspec:\n  listeners:\n  - tls: {mode: Terminate}\n",
            &["tls_termination"],
        ),
        (
            "run/service.yaml",
            "apiVersion: serving.knative.dev/v1\nkind: Service\nspec:\n  template:\n    spec:\n      serviceAccountName: a@b\n",
            &["deployment_topology", "runtime_iam"],
        ),
        (
            "k8s/kustomization.yaml",
            "apiVersion: kustomize.config.k8s.io/v1beta1\nsecretGenerator:\n- name: x\n",
            &["secret_management"],
        ),
        ("compose.yml", WEB, &["deployment_topology"]),
        (
            "compose.prod.yml",
            "services:\n  web:\n    build: .\n    logging:\n      driver: awslogs\n    labels:\n    - traefik.http.routers.web.tls.certresolver=le\nsecrets:\n  key:\n    external: true\n",
            &["tls_termination", "secret_management", "deployment_topology", "logging_sink"],
        ),
        (
            "docker-compose.yml",
            "services:\n  web:\n    build: .\n  backup:\n    image: prodrigestivill/postgres-backup-local\n    environment:\n      BACKUP_KEEP_DAYS: 7\n",
            &["deployment_topology", "backup_retention"],
        ),
        (
            "infra/main.tf",
            "provider \"aws\" {\n  region = \"eu-west-1\"\n}\nresource \"aws_db_instance\" \"db\" {\n  storage_encrypted = true\n  backup_retention_period = 7\n}\n",
            &["encryption_at_rest", "backup_retention", "data_residency"],
        ),
        (
            "infra/more.tf",
            "resource \"aws_ecs_service\" \"x\" {\n}\nresource \"aws_iam_role\" \"x\" {\n}\nresource \"aws_lb_listener\" \"x\" {\n  certificate_arn = aws_acm_certificate.x.arn\n}\nresource \"datadog_monitor\" \"x\" {\n}\n",
            &["tls_termination", "deployment_topology", "runtime_iam", "monitoring_alerting"],
        ),
        ("nginx/site.conf", "server {\n  ssl_certificate /etc/ssl/shop.pem;\n}\n", &["tls_termination"]),
        ("Caddyfile", "shop.acme.io {\n  reverse_proxy web:80\n}\n", &["tls_termination"]),
        ("traefik/traefik.yml", "certificatesResolvers:\n  le:\n    acme:\n      email: a@b\n", &["tls_termination"]),
        (
            "fly.toml",
            "app = 'x'\nprimary_region = 'ams'\n[mounts]\nsource = 'data'\n[http_service]\nforce_https = true\n",
            &["tls_termination", "deployment_topology", "data_residency"],
        ),
        (
            "render.yaml",
            "services:\n- type: web\ndatabases:\n- name: x\n  region: frankfurt\n",
            &["deployment_topology", "data_residency"],
        ),
        ("vercel.json", "{\"functions\": {\"a\": {}}}", &["deployment_topology"]),
        ("netlify.toml", "[build]\ncommand = 'x'\n", &["deployment_topology"]),
        ("railway.json", "{\"deploy\": {\"startCommand\": \"x\"}}", &["deployment_topology"]),
        ("app.yaml", "runtime: python312\n", &["deployment_topology"]),
        ("Procfile", "web: gunicorn x\n", &["deployment_topology"]),
        ("wrangler.toml", "name = 'x'\nmain = 'src/x.ts'\n", &["deployment_topology"]),
        ("cloudbuild.yaml", "steps:\n- name: gcloud\n  args: [run, deploy, x]\n", &["deployment_topology"]),
        (
            "serverless.yml",
            "provider:\n  region: eu-central-1\n  iam: {role: x}\nfunctions:\n  a: {handler: x}\nresources:\n  Resources:\n    T:\n      Type: AWS::DynamoDB::Table\n",
            &["deployment_topology", "runtime_iam", "data_residency"],
        ),
        (
            "stack/cf.yaml",
            "AWSTemplateFormatVersion: '2010-09-09'\nResources:\n  R:\n    Type: AWS::IAM::Role\n  D:\n    Type: AWS::RDS::DBInstance\n    Properties:\n      StorageEncrypted: true\n      BackupRetentionPeriod: 7\n",
            &["encryption_at_rest", "runtime_iam", "backup_retention"],
        ),
        (
            "ecs/task.json",
            "{\"family\": \"x\", \"taskRoleArn\": \"arn:x\", \"containerDefinitions\": [{\"logConfiguration\": {\"logDriver\": \"awslogs\"}, \"secrets\": [{\"valueFrom\": \"arn:y\"}]}]}",
            &["secret_management", "deployment_topology", "runtime_iam", "logging_sink"],
        ),
        (
            ".github/workflows/deploy.yml",
            "on: push\njobs:\n  a:\n    steps:\n    - uses: aws-actions/amazon-ecs-deploy-task-definition@v1\n",
            &["deployment_topology"],
        ),
        (
            ".github/workflows/fly.yml",
            "on: push\njobs:\n  a:\n    steps:\n    - run: flyctl deploy --remote-only\n",
            &["deployment_topology"],
        ),
        (
            "ops/alerts.yml",
            "groups:\n- name: x\n  rules:\n  - alert: Down\n    expr: up == 0\n",
            &["monitoring_alerting"],
        ),
        ("ops/alertmanager.yml", "route:\n  receiver: x\n", &["monitoring_alerting"]),
        ("ops/fluent-bit.conf", "[OUTPUT]\n    Name  loki\n", &["logging_sink"]),
        ("ops/vector.toml", "[sinks.x]\ntype = 'loki'\n", &["logging_sink"]),
        ("ops/promtail.yaml", "clients:\n- url: http://loki:3100\n", &["logging_sink"]),
        ("ops/crontab", "0 3 * * * pg_dump shop > /b/x\n", &["backup_retention"]),
        ("litestream.yml", "dbs:\n- path: /x\n  replicas:\n  - url: s3://x\n", &["backup_retention"]),
        (".sops.yaml", "creation_rules:\n- age: x\n", &["secret_management"]),
    ];
    for (path, text, expected) in table {
        assert_eq!(proven(&[(path, text)]), *expected, "{path}");
    }
}

#[test]
fn look_alikes_prove_nothing() {
    let table: &[(&str, &str)] = &[
        ("notes.md", "We deploy to Kubernetes with TLS, Vault and daily pg_dump in eu-west-1."),
        ("k8s/comment.yaml", "# apiVersion: v1\n# kind: Secret\nx: 1\n"),
        ("k8s/text.yaml", "apiVersion: v1\nkind: ConfigMap\ndata:\n  x: |\n    kind: Deployment\n"),
        ("k8s/plain.yaml", "apiVersion: v1\nkind: Service\nspec: {}\n"),
        ("k8s/no-tls.yaml", "apiVersion: networking.k8s.io/v1\nkind: Ingress\nspec:\n  tls: []\n"),
        ("k8s/cron.yaml", "apiVersion: batch/v1\nkind: CronJob\nspec:\n  schedule: '0 3 * * *'\n  x: send-mail\n"),
        (
            "k8s/unencrypted.yaml",
            "apiVersion: storage.k8s.io/v1\nkind: StorageClass\nparameters:\n  encrypted: 'false'\n",
        ),
        ("k8s/dev/all.yaml", "apiVersion: apps/v1\nkind: Deployment\n"),
        ("deploy/kind/cluster.yaml", "apiVersion: apps/v1\nkind: Deployment\n"),
        ("k8s/templated.yaml", "apiVersion: apps/v1\nkind: {{ kind }}\n"),
        (
            "k8s/bit.yaml",
            "apiVersion: v1\nkind: ConfigMap\ndata:\n  fluent-bit.conf: |\n    [OUTPUT]\n        Name stdout\n",
        ),
        ("compose.yml", "services:\n  db:\n    image: postgres:16\n  cache:\n    image: redis\n"),
        ("docker-compose.dev.yml", WEB),
        ("docker-compose.yml", "services:\n  web:\n    build: .\n    volumes:\n    - .:/app\n"),
        ("compose.yaml", "services:\n  web:\n    build: .\n    command: uvicorn app:app --reload\n"),
        ("examples/compose.yml", WEB),
        (
            "infra/variables.tf",
            "variable \"region\" {\n  default = \"eu-west-1\"\n}\nprovider \"aws\" {\n  region = \"eu-west-1\"\n}\n",
        ),
        (
            "infra/off.tf",
            "resource \"aws_db_instance\" \"db\" {\n  storage_encrypted = false\n  backup_retention_period = var.days\n}\n",
        ),
        ("infra/data.tf", "data \"aws_iam_role\" \"x\" {\n}\nmodule \"aws_ecs_service\" {\n}\n"),
        (
            "nginx/site.conf",
            "server {\n  # ssl_certificate /etc/ssl/shop.pem;\n  ssl_certificate /etc/ssl/certs/ssl-cert-snakeoil.pem;\n}\n",
        ),
        ("Caddyfile", ":80 {\n  reverse_proxy web:80\n}\n{$DOMAIN} {\n}\nlocalhost {\n}\nhttp://shop.acme.io {\n}\n"),
        ("app.yaml", "name: x\nregion: eu\n"),
        ("vercel.json", "{\"$schema\": \"x\"}"),
        ("fly.toml", "primary_region = 'ams'\n"),
        ("ecs/task.json", "{\"containerDefinitions\": []}"),
        (
            ".github/workflows/ci.yml",
            "on: push\npermissions:\n  id-token: write\njobs:\n  a:\n    steps:\n    - uses: aws-actions/configure-aws-credentials@v4\n      with: {role-to-assume: arn:x}\n    - run: helm template x\n    - run: kubectl apply --dry-run=client -f x\n",
        ),
        ("ops/prometheus-notes.yml", "groups:\n- name: admins\n  alert: no\n"),
        ("ops/vector.toml", "[sinks.x]\ntype = 'console'\n"),
        ("ops/crontab", "# 0 3 * * * pg_dump shop\n0 3 * * * send-mail\npg_dump by hand\n"),
        ("litestream.yml", "dbs:\n- path: /x\n"),
        ("src/sentry.ts", "Sentry.init({ dsn: process.env.DSN })"),
        ("serverless.yml", "provider:\n  region: ${opt:region}\n"),
    ];
    for (path, text) in table {
        assert_eq!(proven(&[(path, text)]), Vec::<String>::new(), "{path}\n{text}");
    }
}

#[test]
fn a_chart_is_believed_only_outside_of_conditions() {
    let chart = ("chart/Chart.yaml", "name: x\n");
    let plain =
        ("chart/templates/web.yaml", "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: {{ .Release.Name }}\n");
    assert_eq!(proven(&[chart, plain]), ["deployment_topology"]);
    let conditional =
        ("chart/templates/sa.yaml", "{{- if .Values.sa.create }}\napiVersion: v1\nkind: ServiceAccount\n{{- end }}\n");
    assert_eq!(proven(&[chart, conditional]), Vec::<String>::new());
    let values = "ingress:\n  enabled: true\n  tls:\n  - secretName: x\n";
    assert_eq!(proven(&[chart, ("chart/values.yaml", values)]), ["tls_termination"]);
    assert_eq!(proven(&[chart, ("chart/values.yaml", &values.replace("true", "false"))]), Vec::<String>::new());
}
