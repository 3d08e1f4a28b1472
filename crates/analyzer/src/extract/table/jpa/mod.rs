//! Tables of JPA entities (Hibernate), Spring Data's relational mappings and MyBatis-Plus: under the names that the
//! naming strategy makes, Spring Boot's where Spring Boot is used. Entities of a single-table hierarchy share one;
//! mapped superclasses, embeddables and views have none.

mod name;
mod relation;

use crate::extract::table::tables::{Table, Tables};
use crate::lang::jvm::model::{Annotation, Expr, TypeId, TypeKind, named};
use crate::lang::jvm::program::JvmProgram;
use crate::syntax::grammar::Family;
use crate::syntax::prefilter;
use crate::tree::corpus::Corpus;
use name::{Naming, says_plain};

const PERSISTENCE: &[&str] = &["jakarta.persistence", "javax.persistence"];
const RELATIONAL: &[&str] = &["org.springframework.data.relational.core.mapping"];
const MYBATIS_PLUS: &[&str] = &["com.baomidou.mybatisplus.annotation", "com.baomidou.mybatisplus.annotations"];
/// Texts without which a file holds no entity.
const PATTERNS: [&str; 4] = ["@Entity", "persistence.Entity", "relational.core.mapping.Table", "@TableName"];
const SAID_BY: &str = "jpa entity";

/// What is known of all entities.
struct Entities<'p, 'c> {
    program: &'p mut JvmProgram<'c>,
    naming: Naming,
    /// Whether Spring Boot says how join tables are called.
    is_boot: bool,
    tables: &'p mut Tables,
}

/// Every table that classes stand for.
pub(super) fn read(corpus: &Corpus, tables: &mut Tables) {
    let files = prefilter::files_with(corpus, Family::Java, &PATTERNS);
    if files.is_empty() {
        return;
    }
    let is_build = |name: &str| {
        name == "pom.xml" || name.ends_with(".gradle") || name.ends_with(".gradle.kts") || name == "libs.versions.toml"
    };
    let is_boot = corpus.application().any(|file| {
        is_build(file.name())
            && (file.text().contains("spring-boot") || file.text().contains("org.springframework.boot"))
    });
    let naming = if is_boot && !says_plain(corpus) { Naming::Underscores } else { Naming::Plain };
    let mut program = JvmProgram::new(corpus);
    let units: Vec<_> = files.iter().filter_map(|file| program.load(file)).collect();
    let mut entities = Entities { program: &mut program, naming, is_boot, tables };
    for unit in units {
        for id in entities.program.types_of(unit) {
            if entities.program.types[id].kind == TypeKind::Class || entities.program.types[id].kind == TypeKind::Other
            {
                entities.class(id);
            }
        }
    }
}

impl Entities<'_, '_> {
    fn class(&mut self, id: TypeId) {
        let unit = self.program.types[id].unit;
        let annotations = self.program.types[id].annotations.clone();
        for annotation in &annotations {
            let is_other = self.program.is(unit, annotation, RELATIONAL, "Table")
                || self.program.is(unit, annotation, MYBATIS_PLUS, "TableName");
            if is_other {
                self.named(id, annotation);
            }
        }
        let Some(entity) = self.entity(id) else { return };
        if annotations.iter().any(|one| matches!(one.simple(), "Subselect")) {
            return;
        }
        if self.has_own_table(id)
            && let Some(name) = self.table_of(id)
        {
            let at = named(&annotations, "Table")
                .map_or(entity.lines, |table| (table.lines.0.min(entity.lines.0), table.lines.1.max(entity.lines.1)));
            self.push(id, name, self.columns(id), at);
        }
        let listed = |one: &Annotation| -> Vec<(String, Vec<(String, Expr)>)> {
            let values = one.value("value").map(Expr::items).unwrap_or_default().iter().filter_map(|item| match item {
                Expr::Annotation(name, values) => Some((name.clone(), values.clone())),
                _ => None,
            });
            if one.simple().ends_with('s') { values.collect() } else { vec![(one.name.clone(), one.values.clone())] }
        };
        for one in annotations.iter().filter(|one| matches!(one.simple(), "SecondaryTable" | "SecondaryTables")) {
            for (_, values) in listed(one) {
                if let Some(name) = self.explicit(id, &values) {
                    self.push(id, name, Vec::new(), one.lines);
                }
            }
        }
        self.attributes(id);
    }

    /// A table that an annotation of another mapper names outright.
    fn named(&mut self, id: TypeId, annotation: &Annotation) {
        let scope = self.program.scope(id);
        let given = annotation.value("value").or_else(|| annotation.value("name")).cloned();
        let Some(given) = given else { return };
        match self.program.constant(scope, &given) {
            Some(name) if !name.is_empty() => {
                let evidence = self.program.evidence(id, annotation.lines);
                let name = name.trim_matches(['`', '"']).to_owned();
                self.tables.found.push(Table { name, said_by: "mapped class", columns: Vec::new(), evidence });
            }
            Some(_) => {}
            None => self.unknown(id, annotation.lines),
        }
    }

    /// The annotation that makes a class an entity.
    fn entity(&self, id: TypeId) -> Option<Annotation> {
        let here = &self.program.types[id];
        here.annotations.iter().find(|one| self.program.is(here.unit, one, PERSISTENCE, "Entity")).cloned()
    }

    /// The entities that a class extends, the nearest first.
    fn entities_above(&mut self, id: TypeId) -> Vec<TypeId> {
        let mut out = Vec::new();
        let mut at = id;
        while let Some(above) =
            self.program.supers(at).0.filter(|above| *above != id && !out.contains(above) && out.len() < 24)
        {
            out.push(above);
            at = above;
        }
        out.retain(|above| self.entity(*above).is_some());
        out
    }

    /// Whether the table is not that of an entity above, and not one that only those below have.
    fn has_own_table(&mut self, id: TypeId) -> bool {
        let above = self.entities_above(id);
        let root = above.last().copied().unwrap_or(id);
        let inheritance = named(&self.program.types[root].annotations, "Inheritance");
        let strategy = match inheritance.and_then(|one| one.value("strategy").or_else(|| one.value("value"))) {
            Some(Expr::Name(name)) => name.rsplit('.').next().unwrap_or_default().to_owned(),
            _ => "SINGLE_TABLE".to_owned(),
        };
        match strategy.as_str() {
            "TABLE_PER_CLASS" => !self.program.types[id].is_abstract,
            "JOINED" => true,
            _ => above.is_empty(),
        }
    }

    fn unknown(&mut self, id: TypeId, lines: (u32, u32)) {
        let reason = format!("the table of `{}` has a computed name", self.program.types[id].name);
        let evidence = self.program.evidence(id, lines);
        self.tables.unresolved(reason, evidence);
    }

    fn push(&mut self, id: TypeId, name: String, columns: Vec<String>, lines: (u32, u32)) {
        let evidence = self.program.evidence(id, lines);
        self.tables.found.push(Table { name, said_by: SAID_BY, columns, evidence });
    }

    /// The columns that are plain attributes with a name of their own.
    fn columns(&self, id: TypeId) -> Vec<String> {
        let here = &self.program.types[id];
        let mut out = Vec::new();
        for field in &here.fields {
            let is = |name: &str| named(&field.annotations, name).is_some();
            let is_relation = [
                "OneToMany",
                "ManyToMany",
                "ManyToOne",
                "OneToOne",
                "ElementCollection",
                "Transient",
                "Embedded",
                "EmbeddedId",
            ]
            .iter()
            .any(|name| is(name));
            if field.is_static || field.is_transient || is_relation {
                continue;
            }
            match named(&field.annotations, "Column").and_then(|column| column.value("name")) {
                Some(Expr::Text(name)) => out.push(self.physical(name)),
                Some(_) => {}
                None => out.push(self.physical(&field.name)),
            }
        }
        out
    }
}
