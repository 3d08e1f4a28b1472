//! Every environment variable: the one list behind parsing, `.env.example`, `ci-feed doctor` and the README's table.

/// One setting.
#[derive(Debug)]
pub struct Variable {
    /// Name in the environment.
    pub name: &'static str,
    /// Text that is used when it is not set; empty for "no value".
    pub default: &'static str,
    /// What it does, for the operator.
    pub doc: &'static str,
    /// Whether its value is never shown.
    pub secret: bool,
}

const fn var(name: &'static str, default: &'static str, doc: &'static str) -> Variable {
    Variable { name, default, doc, secret: false }
}

const fn secret(name: &'static str, doc: &'static str) -> Variable {
    Variable { name, default: "", doc, secret: true }
}

/// In the order in which an operator meets them.
pub const VARIABLES: &[Variable] = &[
    secret(
        "GITHUB_WEBHOOK_SECRET",
        "Secret of the webhook; two separated by a comma while rotating. Without it the webhook answers 503.",
    ),
    var("CI_FEED_BIND", "127.0.0.1:8080", "Address to listen on."),
    var("PORT", "", "Port given by the host; then the server listens on 0.0.0.0:PORT, whatever CI_FEED_BIND says."),
    Variable {
        name: "DATABASE_URL",
        default: "sqlite://data/ci-feed.db?mode=rwc",
        doc: "sqlite://... or postgres://...",
        // A Postgres address holds a password.
        secret: true,
    },
    var(
        "CI_ARTIFACTS_URL",
        "",
        "Where dossiers are kept: a folder, \"database:\", or s3://, gs:// or az://BUCKET/PREFIX. Default: the folder out/ci with SQLite, database: with Postgres.",
    ),
    secret(
        "CI_API_TOKEN",
        "Token for enqueue, retry, the delivery log and private runs. Without it these work only on a loopback address.",
    ),
    var("CI_READ_ACCESS", "public", "public, or token: then reading needs CI_API_TOKEN as well."),
    var("CI_PUBLIC_URL", "", "This server's address as GitHub reaches it; shown on the set-up page."),
    var(
        "TRUSTED_PROXY_HOPS",
        "0",
        "Number of proxies in front: the client is the n-th entry of X-Forwarded-For from the right. 0: the peer.",
    ),
    var("CI_RATE_LIMIT_PER_MINUTE", "600", "API requests one address may make in a minute. 0: no limit."),
    secret("GITHUB_TOKEN", "Token for private repositories; only tried where reading without it is refused."),
    var(
        "CI_TOKEN_OWNERS",
        "",
        "Accounts (comma-separated) for whose repositories, and the list of them, a manual enqueue may use GITHUB_TOKEN. Verified webhooks always may.",
    ),
    var(
        "GITHUB_SERVER_URL",
        "https://github.com",
        "Where repositories are fetched from: https://, http:// for a server of your own, file:// for demos.",
    ),
    secret(
        "GITHUB_WRITE_TOKEN",
        "Token that writes commit statuses and comments of pull requests at the forge. Without it nothing is written there.",
    ),
    var(
        "GITHUB_API_URL",
        "",
        "The forge's API. Default: https://api.github.com for github.com, else GITHUB_SERVER_URL with /api/v3.",
    ),
    var("CI_REPO_ALLOWLIST", "", "Repositories to accept (comma-separated globs such as owner/*). Default: all."),
    var("CI_DEDUPE_HOURS", "24", "For how long a commit's run answers further events of the same commit."),
    var(
        "CI_RECONCILE",
        "60",
        "Minutes after which an idle tick looks again whether a repository's branches moved without a webhook. 0: never.",
    ),
    var(
        "CI_RETENTION_RUNS",
        "200",
        "Newest runs that are kept of each branch and pull request; its latest success always is. 0: all.",
    ),
    var("CI_RETENTION_DAYS", "0", "Older runs are removed, the latest success of each branch apart. 0: of any age."),
    var("CI_LEASE_SECONDS", "300", "How long a silent worker keeps its job."),
    var(
        "CI_JOB_TIMEOUT_SECONDS",
        "240",
        "Time for one attempt, fetch and analysis together; must be less than CI_LEASE_SECONDS.",
    ),
    var("CI_MAX_ATTEMPTS", "3", "Attempts before a run is FAILED."),
    var("CI_RETRY_BACKOFF_SECONDS", "10", "Wait before the second attempt; six times as long before the third."),
    var("CI_TICK_SLOTS", "1", "Jobs that one process works on at once."),
    var("CI_SHUTDOWN_GRACE_SECONDS", "8", "Time that a running job gets to finish when the server is asked to stop."),
    var("CI_TMP_DIR", "/tmp/ci", "Where commits are fetched to; emptied after each attempt."),
    var(
        "CI_CACHE_DIR",
        "/tmp/ci-cache",
        "Where fetched objects are kept, so that the next push of a repository brings only what is new. May be lost at any time.",
    ),
    var(
        "CI_CACHE_BYTES",
        "134217728",
        "How much is kept there (128 MiB); what was not used for longest goes. 0: nothing.",
    ),
    var("CI_MAX_REPO_BYTES", "262144000", "Largest fetch, in bytes (250 MiB)."),
    var("CI_MAX_FILES", "50000", "Most files in a commit."),
    var("CI_MAX_FILE_BYTES", "5242880", "Larger files are skipped and reported (5 MiB)."),
    var(
        "CI_ANALYZER",
        "",
        "Command of an external analyzer, with {src} {out} {owner} {repo} {ref} {sha}. Default: the built-in one.",
    ),
    var("CI_ANALYZER_ENV", "", "Names (comma-separated) of variables that an external analyzer gets."),
    var(
        "CI_ANALYZER_READ",
        "",
        "Files and folders (colon-separated) that an external analyzer may read besides the system's programs and libraries.",
    ),
    var(
        "CI_ANALYZER_MEMORY_BYTES",
        "2147483648",
        "Memory of an analyzer with all processes that it starts, and address space of each, in bytes (2 GiB).",
    ),
    var(
        "CI_SANDBOX",
        "auto",
        "auto: confine fetching and analyzing as far as the kernel can; require: refuse to start where it cannot; off: limits only.",
    ),
    var("CI_WEB_DIR", "", "Serve the page from this folder instead of from the binary, for development."),
    var("CI_LOG", "text", "text or json."),
    var("RUST_LOG", "info", "Which log lines are written, e.g. debug or ci_feed=debug."),
];

/// What opens a bucket, under the names that the providers' own programs read. Only those of the bucket's provider are.
pub const OBJECT_VARIABLES: &[Variable] = &[
    secret(
        "AWS_ACCESS_KEY_ID",
        "For s3://: key. Without one: the container's, the token file's or the instance's role.",
    ),
    secret("AWS_SECRET_ACCESS_KEY", "For s3://: the key's secret."),
    secret("AWS_SESSION_TOKEN", "For s3://: token of a key that lasts a while."),
    var("AWS_REGION", "", "For s3://: the bucket's region. Default: AWS_DEFAULT_REGION, then us-east-1."),
    var("AWS_DEFAULT_REGION", "", "For s3://: the same, where AWS_REGION is not set."),
    var("AWS_ENDPOINT_URL", "", "For s3://: address of a server that is not Amazon's."),
    var("AWS_ENDPOINT_URL_S3", "", "For s3://: the same; goes before AWS_ENDPOINT_URL."),
    var("AWS_ALLOW_HTTP", "", "For s3://: true allows an endpoint without TLS."),
    var(
        "AWS_VIRTUAL_HOSTED_STYLE_REQUEST",
        "",
        "For s3://: true puts the bucket's name before the host's; an endpoint then has it already.",
    ),
    var("AWS_DISABLE_BULK_DELETE", "", "For s3://: true for a server that deletes only one object at a time."),
    var("AWS_WEB_IDENTITY_TOKEN_FILE", "", "For s3://: file with a token for AWS_ROLE_ARN (Kubernetes)."),
    var("AWS_ROLE_ARN", "", "For s3://: the role of that token."),
    var("AWS_ROLE_SESSION_NAME", "", "For s3://: what its session is called."),
    var("AWS_ENDPOINT_URL_STS", "", "For s3://: where that token is exchanged."),
    var("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "", "For s3://: set by the host (ECS)."),
    var("AWS_CONTAINER_CREDENTIALS_FULL_URI", "", "For s3://: set by the host (EKS)."),
    var("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", "", "For s3://: set by the host (EKS)."),
    var("AWS_METADATA_ENDPOINT", "", "For s3://: where the instance's role is asked for."),
    var(
        "GOOGLE_APPLICATION_CREDENTIALS",
        "",
        "For gs://: file with credentials. Default: those of gcloud, then the instance's.",
    ),
    var("GOOGLE_SERVICE_ACCOUNT", "", "For gs://: file with the key of a service account."),
    secret("GOOGLE_SERVICE_ACCOUNT_KEY", "For gs://: that key itself, as JSON."),
    var("AZURE_STORAGE_ACCOUNT_NAME", "", "For az://: the storage account."),
    secret("AZURE_STORAGE_ACCOUNT_KEY", "For az://: its key. Without any: the managed identity."),
    secret("AZURE_STORAGE_SAS_TOKEN", "For az://: a shared access signature instead of the key."),
    var("AZURE_CLIENT_ID", "", "For az://: an application, or a managed identity of several."),
    secret("AZURE_CLIENT_SECRET", "For az://: the application's secret."),
    var("AZURE_TENANT_ID", "", "For az://: its tenant."),
    var("AZURE_FEDERATED_TOKEN_FILE", "", "For az://: file with a token for AZURE_CLIENT_ID (Kubernetes)."),
    var("AZURE_AUTHORITY_HOST", "", "For az://: where that token is exchanged."),
    var("AZURE_STORAGE_ENDPOINT", "", "For az://: address of an account that is elsewhere."),
];

/// `.env.example`, made from the lists.
pub fn env_example() -> String {
    let mut text = String::from(
        "# Every setting of ci-feed with its default. Copy to .env for development; `ci-feed doctor` checks them.\n",
    );
    for variable in VARIABLES.iter().chain(OBJECT_VARIABLES) {
        text.push_str(&format!("\n# {}\n# {}={}\n", variable.doc, variable.name, variable.default));
    }
    text
}

/// The README's table, made from the lists.
pub fn markdown_table() -> String {
    let mut text = String::from("| variable | default | what it does |\n|---|---|---|\n");
    for variable in VARIABLES.iter().chain(OBJECT_VARIABLES) {
        let default = match variable.default {
            "" => String::new(),
            default => format!("`{default}`"),
        };
        text.push_str(&format!("| `{}` | {default} | {} |\n", variable.name, variable.doc));
    }
    text
}
