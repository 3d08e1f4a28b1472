//! Ports that programs take when nobody says another: those of datastores and tools that documentation tells people to
//! start, and those that several tools share, with the names that tell which.

/// Ports that belong to one datastore or tool, or to a protocol.
const OF_OTHERS: &[u64] = &[
    389, 443, 465, 587, 636, 993, 1025, 1080, 1420, 1433, 1521, 1880, 1883, 2019, 2049, 2181, 2345, 2375, 2376, 2379,
    2525, 3001, 3002, 3100, 3128, 3200, 3306, 3307, 3389, 4000, 4040, 4222, 4317, 4318, 4400, 4443, 4444, 4566, 4646,
    4873, 4983, 5001, 5005, 5037, 5050, 5432, 5433, 5434, 5540, 5555, 5601, 5672, 5900, 5984, 6060, 6080, 6333, 6334,
    6379, 6380, 6432, 6443, 6650, 7077, 7233, 7474, 7545, 7687, 7700, 7860, 8001, 8025, 8050, 8082, 8083, 8086, 8088,
    8089, 8096, 8108, 8123, 8161, 8188, 8200, 8222, 8233, 8332, 8333, 8384, 8428, 8443, 8448, 8501, 8529, 8545, 8554,
    8686, 8787, 8889, 8983, 8989, 9000, 9001, 9003, 9021, 9042, 9050, 9090, 9091, 9092, 9093, 9094, 9099, 9100, 9187,
    9191, 9200, 9222, 9229, 9300, 9324, 9411, 9443, 9600, 9630, 9696, 9735, 10000, 10001, 10002, 11211, 11434, 14250,
    14268, 15672, 16686, 18083, 19000, 19001, 19002, 19006, 19530, 24678, 25565, 26257, 27017, 27018, 28015, 32400,
    35729, 50000, 51820, 54321, 54322, 54323, 54324, 61616,
];

/// Ports that several tools share, and the names of the tools: of packages, of files, and in texts.
const SHARED: &[(u64, &[&str])] = &[
    (
        3000,
        &[
            "next",
            "next.js",
            "nextjs",
            "react-scripts",
            "create-react-app",
            "nuxt",
            "@remix-run/dev",
            "remix",
            "rails",
            "puma",
            "@docusaurus/core",
            "docusaurus",
            "serve",
            "rocket",
            "bin/rails",
            "vinxi",
            "grafana",
            "gitea",
            "forgejo",
            "browser-sync",
            "mdbook",
            "dioxus",
            "metabase",
            "adguard",
            "homepage",
            "langfuse",
            "solid-start",
        ],
    ),
    (4000, &["jekyll", "phoenix", "_config.yml", "hexo", "litellm"]),
    (4173, &["vite"]),
    (4200, &["@angular/cli", "angular", "ember-cli", "ember", "prefect"]),
    (4321, &["astro"]),
    (4567, &["sinatra", "middleman"]),
    (5000, &["flask", "Microsoft.NET.Sdk.Web", "serve", "registry", "mlflow", "localai", "dotnet", "frigate"]),
    (5173, &["vite", "vitepress", "sveltekit", "@sveltejs/kit"]),
    (5174, &["vite"]),
    (6006, &["storybook", "@storybook/cli", "tensorboard"]),
    (
        8000,
        &[
            "django",
            "uvicorn",
            "fastapi",
            "gunicorn",
            "mkdocs",
            "laravel/framework",
            "laravel",
            "rocket",
            "manage.py",
            "mkdocs.yml",
            "artisan",
            "gatsby",
            "sphinx-autobuild",
            "http.server",
            "chroma",
            "chromadb",
            "dynamodb-local",
            "vllm",
            "kong",
            "portainer",
            "symfony",
            "daphne",
            "hypercorn",
            "salvo",
        ],
    ),
    (
        8080,
        &[
            "webpack-dev-server",
            "@vue/cli-service",
            "http-server",
            "org.springframework.boot",
            "spring",
            "quarkus",
            "pom.xml",
            "build.gradle",
            "build.gradle.kts",
            "webpack",
            "tomcat",
            "jetty",
            "keycloak",
            "traefik",
            "adminer",
            "jenkins",
            "airflow",
            "hasura",
            "weaviate",
            "cadvisor",
            "kafka-ui",
            "phpmyadmin",
            "gin",
            "swagger-ui",
            "trunk",
            "eleventy",
            "vuepress",
            "live-server",
            "llama.cpp",
            "searxng",
            "qbittorrent",
            "code-server",
            "open-webui",
            "micronaut",
            "ktor",
            "cockroach",
            "argocd",
            "firestore",
            "ipfs",
            "nginx",
            "dozzle",
        ],
    ),
    (
        8081,
        &[
            "react-native",
            "metro",
            "expo",
            "mongo-express",
            "nexus",
            "phpmyadmin",
            "redis-commander",
            "schema-registry",
        ],
    ),
    (8888, &["jupyter", "jupyterlab", "notebook", "netlify", "otel", "opentelemetry", "influxdb", "mamp"]),
    (9292, &["pact", "puma", "rackup"]),
    (9999, &["selenium", "dozzle"]),
    (10350, &["tilt", "Tiltfile"]),
    (1313, &["hugo.toml", "hugo.yaml", "hugo"]),
    (1234, &["parcel", "lmstudio", "studio"]),
    (1111, &["zola"]),
];

/// Whether the number is the usual one of another program.
pub(super) fn is_of_another(port: u64) -> bool {
    OF_OTHERS.binary_search(&port).is_ok()
}

/// The tools that take this port by themselves.
pub(super) fn tools(port: u64) -> &'static [&'static str] {
    SHARED.iter().find(|(known, _)| *known == port).map_or(&[], |(_, names)| names)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ports_are_found_by_halves() {
        assert!(OF_OTHERS.is_sorted());
        assert!(is_of_another(16_686) && is_of_another(389) && !is_of_another(8080));
        assert!(tools(5173).contains(&"vite") && tools(5999).is_empty());
    }
}
