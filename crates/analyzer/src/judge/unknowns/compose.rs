//! Proofs in compose files. A file that only brings datastores for developers, or that mounts the source into the
//! container, is for development, whatever it is called.

use crate::tree::document::{KeyValue, Node};
use crate::tree::file::SourceFile;

use super::{Proofs, is_backup, is_set, lines, prove};

/// Images of what a program needs beside it.
const BACKING: &[&str] = &[
    "postgres",
    "postgis",
    "mysql",
    "mariadb",
    "redis",
    "valkey",
    "mongo",
    "memcached",
    "rabbitmq",
    "kafka",
    "zookeeper",
    "elasticsearch",
    "opensearch",
    "minio",
    "mailhog",
    "mailpit",
    "mailcatcher",
    "maildev",
    "adminer",
    "pgadmin4",
    "phpmyadmin",
    "localstack",
    "nats",
    "clickhouse-server",
    "meilisearch",
    "typesense",
    "etcd",
    "consul",
    "jaeger",
    "all-in-one",
    "inbucket",
    "mssql",
    "redis-stack",
    "redisinsight",
    "mongo-express",
    "keycloak",
    "azurite",
    "dynamodb-local",
    "pgvector",
    "timescaledb",
    "solr",
    "selenium",
];

/// Logging drivers that keep logs where the container runs.
const LOCAL_DRIVERS: &[&str] = &["json-file", "local", "none", "journald"];

pub(super) fn look(file: &SourceFile, proofs: &mut Proofs) {
    let lower = file.name().to_ascii_lowercase();
    if !(lower.starts_with("docker-compose")
        || lower.starts_with("compose")
        || lower.starts_with("docker-stack")
        || lower.starts_with("podman-compose"))
    {
        return;
    }
    let root = file.document().root();
    let services = root.get("services").map(Node::entries).unwrap_or_default();
    let deployed: Vec<&KeyValue> = services.iter().filter(|service| is_deployed(&service.value)).collect();
    if deployed.is_empty() || services.iter().any(|service| is_for_developers(&service.value)) {
        return;
    }
    if let Some(secrets) = root.entry("secrets").filter(|secrets| is_set(&secrets.value)) {
        prove(proofs, "secret_management", lines(file, secrets));
    }
    for service in &deployed {
        prove(proofs, "deployment_topology", file.lines(service.line, service.line));
    }
    for service in services {
        let driver = service.value.entry_at(&["logging", "driver"]);
        if let Some(driver) =
            driver.filter(|driver| driver.value.as_str().is_some_and(|name| !LOCAL_DRIVERS.contains(&name)))
        {
            prove(proofs, "logging_sink", lines(file, driver));
        }
        for list in ["labels", "command"] {
            let Some(node) = service.value.get(list) else { continue };
            traefik(file, node, proofs);
        }
        backups(file, &service.value, proofs);
    }
}

/// Whether the service is the product, not something beside it.
fn is_deployed(service: &Node) -> bool {
    let image = service.get("image").and_then(Node::as_str).unwrap_or_default();
    let name = image.rsplit('/').next().unwrap_or_default().split([':', '@']).next().unwrap_or_default();
    service.get("build").is_some() || !image.is_empty() && !BACKING.contains(&name)
}

/// Whether the service runs from the developer's working folder or in a mode for developers.
fn is_for_developers(service: &Node) -> bool {
    let volumes = service.get("volumes").map(Node::items).unwrap_or_default();
    let mounts_source = volumes.iter().any(|volume| {
        let text = volume.scalar().or_else(|| volume.get("source").and_then(Node::scalar)).unwrap_or_default();
        let from = text.split(':').next().unwrap_or_default();
        matches!(
            from,
            "." | "./"
                | ".."
                | "../"
                | "./src"
                | "./app"
                | "./backend"
                | "./frontend"
                | "./server"
                | "./client"
                | "./web"
        )
    });
    let watches = service.at(&["develop", "watch"]).is_some();
    let command = service.get("command");
    let words = command.map(|command| {
        let items = command.items().iter().filter_map(Node::scalar).collect::<Vec<_>>().join(" ");
        command.scalar().unwrap_or(items)
    });
    let words = words.unwrap_or_default();
    let dev_mode = ["--reload", "runserver", "run dev", "nodemon", "--watch", "start:dev", "yarn dev", "air "]
        .iter()
        .any(|word| words.contains(word));
    mounts_source || watches || dev_mode
}

/// `traefik.http.routers.x.tls.certresolver=...`, as a list or a map.
fn traefik(file: &SourceFile, node: &Node, proofs: &mut Proofs) {
    let is_tls = |text: &str| {
        let lower = text.to_ascii_lowercase();
        let (key, value) = lower.split_once('=').unwrap_or((&lower, ""));
        let router = key.starts_with("traefik.http.routers.")
            && (key.ends_with(".tls") && value == "true" || key.contains(".tls.certresolver"));
        let resolver = key.starts_with("--certificatesresolvers.") && key.contains(".acme.");
        (router || resolver) && !value.is_empty()
    };
    for item in node.items() {
        if item.as_str().is_some_and(is_tls) {
            prove(proofs, "tls_termination", file.lines(item.start_line, item.start_line));
        }
    }
    for one in node.entries() {
        if is_tls(&format!("{}={}", one.key, one.value.scalar().unwrap_or_default())) {
            prove(proofs, "tls_termination", file.lines(one.line, one.line));
        }
    }
}

/// Images that make backups by a schedule, with how long they keep them.
fn backups(file: &SourceFile, service: &Node, proofs: &mut Proofs) {
    let image = service.entry("image");
    let makes = image.and_then(|image| image.value.as_str()).is_some_and(|image| {
        ["postgres-backup", "docker-volume-backup", "mysql-backup", "mysql-cron-backup", "restic"]
            .iter()
            .any(|name| image.contains(name))
    });
    let commands = service.get("command").and_then(Node::scalar).is_some_and(|command| is_backup(&command));
    let environment = service.get("environment");
    let keeps = |text: &str| ["KEEP", "RETENTION", "RETAIN"].iter().any(|word| text.contains(word));
    let kept = environment.into_iter().flat_map(|list| {
        let of_map = list.entries().iter().filter(|one| keeps(&one.key)).map(|one| one.line);
        of_map
            .chain(list.items().iter().filter(|one| one.as_str().is_some_and(keeps)).map(|one| one.start_line))
            .collect::<Vec<_>>()
    });
    let kept: Vec<u32> = kept.collect();
    if let Some(image) = image.filter(|_| (makes || commands) && !kept.is_empty()) {
        prove(proofs, "backup_retention", file.lines(image.line, image.line));
        kept.into_iter().for_each(|line| prove(proofs, "backup_retention", file.lines(line, line)));
    }
}
