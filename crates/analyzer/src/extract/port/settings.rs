//! Ports in the settings of Spring Boot, Quarkus and Micronaut, and the one that Spring Boot takes when nothing says
//! another. The settings of a profile count only where the settings themselves switch it on.

use ci_feed_dossier::fact::{FactKind, FactStatus};
use serde_json::json;

use super::{Ports, Said};
use crate::fact::Fact;
use crate::lang::jvm::settings::{self, JvmSettings, module_of};
use crate::syntax::grammar::Family;
use crate::syntax::prefilter;
use crate::tree::corpus::Corpus;
use crate::tree::path::inside;

/// Settings that hold a port.
const KEYS: [&str; 8] = [
    "server.port",
    "management.server.port",
    "quarkus.http.port",
    "quarkus.management.port",
    "quarkus.grpc.server.port",
    "micronaut.server.port",
    "grpc.server.port",
    "spring.grpc.server.port",
];
/// What Spring Boot listens on when nothing says otherwise.
pub(super) const DEFAULT: u16 = 8080;
/// Starters that make an application serve HTTP.
const STARTERS: [&str; 4] = [
    "spring-boot-starter-web",
    "spring-boot-starter-webflux",
    "spring-boot-starter-jersey",
    "spring-boot-starter-webmvc",
];

pub(super) fn read(corpus: &Corpus, ports: &mut Ports) {
    let settings = JvmSettings::read(corpus);
    for module in settings.modules() {
        for key in KEYS {
            let Some(setting) = settings.get(module, key) else { continue };
            let evidence = setting.evidence();
            let env = variable(&setting.value);
            let number = settings.filled(module, &setting.value).and_then(|text| text.trim().parse::<i32>().ok());
            match number {
                // Zero is any free port, and less is none.
                Some(number) if number <= 0 => {}
                Some(number) => {
                    let Ok(port) = u16::try_from(number) else { continue };
                    ports.said.push(Said { env, ..Said::tcp(port, "settings", evidence) });
                }
                None => ports.unresolved(format!("the setting `{key}` has no literal value"), evidence),
            }
        }
    }
}

/// `PORT` of `${PORT:8080}`.
fn variable(value: &str) -> Option<String> {
    let (_, inner) = value.split_once("${")?;
    let name = inner.split([':', '}']).next()?;
    let is_loud = name.chars().all(|letter| letter.is_ascii_uppercase() || letter.is_ascii_digit() || letter == '_');
    is_loud.then(|| name.to_owned())
}

/// The default port, where a Spring Boot application names a web starter in its build and no file of its settings, of
/// any profile, names a port.
pub(super) fn by_default(corpus: &Corpus) -> Option<Fact> {
    let mains = prefilter::files_that_hold(corpus, Family::Java, &["@SpringBootApplication"]);
    let all = settings::files(corpus);
    mains.into_iter().find_map(|main| {
        let module = module_of(&main.path);
        let names_port = all.iter().filter(|one| one.module == module).any(|one| {
            let text = one.file.text();
            text.contains("server.port") || text.lines().any(|line| line.trim_start().starts_with("port:"))
        });
        if names_port || main.text().contains("server.port") {
            return None;
        }
        ["pom.xml", "build.gradle", "build.gradle.kts"].into_iter().find_map(|name| {
            let build = corpus.file(&inside(module, name))?;
            let text = build.text();
            let is_starter = |line: &str| {
                let mut words = line.split(|letter: char| !(letter.is_alphanumeric() || letter == '-'));
                words.any(|word| STARTERS.contains(&word))
            };
            let line =
                text.lines().zip(1_u32..).find(|(line, _)| is_starter(line) && !line.trim_start().starts_with("//"))?.1;
            let mut fact = Fact::evidenced(FactKind::Port, format!("{DEFAULT}/tcp"), build.lines(line, line))
                .with("said_by", json!(["framework default"]))
                .with("rule", "spring-boot-default-port");
            fact.status = FactStatus::Inferred;
            Some(fact)
        })
    })
}
