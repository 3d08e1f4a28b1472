//! Tables of JPA entities (Hibernate), Spring Data's relational mappings and MyBatis-Plus: under the names that the
//! naming strategy makes, Spring Boot's where Spring Boot is used. Entities of a single-table hierarchy share one;
//! mapped superclasses, embeddables and views have none.

use super::{Table, Tables};
use crate::analyzer::corpus::Corpus;
use crate::analyzer::jvm::model::{Annotation, Expr, Kind, TypeId, TypeRef, named, value};
use crate::analyzer::jvm::program::Program;
use crate::analyzer::jvm::settings::Settings;
use crate::analyzer::syntax::grammar::Family;
use crate::analyzer::syntax::prefilter;

const PERSISTENCE: &[&str] = &["jakarta.persistence", "javax.persistence"];
const RELATIONAL: &[&str] = &["org.springframework.data.relational.core.mapping"];
const MYBATIS_PLUS: &[&str] = &["com.baomidou.mybatisplus.annotation", "com.baomidou.mybatisplus.annotations"];
/// Texts without which a file holds no entity.
const PATTERNS: [&str; 4] = ["@Entity", "persistence.Entity", "relational.core.mapping.Table", "@TableName"];
const SAID_BY: &str = "jpa entity";

/// How names of the program become names of the database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Naming {
    /// As they are.
    Plain,
    /// `userAccount` is `user_account`, whoever wrote it.
    Underscores,
}

/// What is known of all entities.
struct Entities<'p, 'c> {
    program: &'p mut Program<'c>,
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
    let mut program = Program::new(corpus);
    let units: Vec<_> = files.iter().filter_map(|file| program.load(file)).collect();
    let mut entities = Entities { program: &mut program, naming, is_boot, tables };
    for unit in units {
        for id in entities.program.types_of(unit) {
            if entities.program.types[id].kind == Kind::Class || entities.program.types[id].kind == Kind::Other {
                entities.class(id);
            }
        }
    }
}

/// Whether the settings choose Hibernate's own names.
fn says_plain(corpus: &Corpus) -> bool {
    let settings = Settings::read(corpus);
    let keys =
        ["spring.jpa.hibernate.naming.physical-strategy", "spring.jpa.properties.hibernate.physical_naming_strategy"];
    settings.modules().any(|module| {
        keys.iter().any(|key| {
            settings
                .get(module, key)
                .is_some_and(|setting| setting.value.ends_with("PhysicalNamingStrategyStandardImpl"))
        })
    })
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

    /// The table of an entity; nothing, and a note, when its name cannot be known.
    fn table_of(&mut self, id: TypeId) -> Option<String> {
        let annotations = self.program.types[id].annotations.clone();
        match named(&annotations, "Table") {
            Some(table) if table.value("name").is_some() => self.explicit(id, &table.values),
            Some(table) => {
                let own = self.implicit(id);
                Some(self.with_schema(id, &table.values, self.physical(&own)))
            }
            None => {
                let own = self.implicit(id);
                Some(self.physical(&own))
            }
        }
    }

    /// The entity's name, which its table is called by when nothing else is said.
    fn implicit(&mut self, id: TypeId) -> String {
        let given = self.entity(id).and_then(|entity| entity.value("name").cloned());
        let scope = self.program.scope(id);
        given
            .and_then(|given| self.program.constant(scope, &given))
            .filter(|name| !name.is_empty())
            .unwrap_or_else(|| self.program.types[id].name.clone())
    }

    /// The name that an annotation gives.
    fn explicit(&mut self, id: TypeId, values: &[(String, Expr)]) -> Option<String> {
        let scope = self.program.scope(id);
        let given = value(values, "name")?.clone();
        let Some(name) = self.program.constant(scope, &given) else {
            self.unknown(id, (self.program.types[id].line, self.program.types[id].line));
            return None;
        };
        Some(self.with_schema(id, values, self.physical(&name)))
    }

    fn with_schema(&mut self, id: TypeId, values: &[(String, Expr)], name: String) -> String {
        let scope = self.program.scope(id);
        let schema = value(values, "schema").cloned().and_then(|schema| self.program.constant(scope, &schema));
        match schema
            .map(|schema| self.physical(&schema))
            .filter(|schema| !schema.is_empty() && schema != "public" && schema != "dbo")
        {
            Some(schema) => format!("{schema}.{name}"),
            None => name,
        }
    }

    fn physical(&self, name: &str) -> String {
        let is_quoted = name.starts_with(['`', '"']);
        let name = name.trim_matches(['`', '"']);
        if is_quoted || self.naming == Naming::Plain { name.to_owned() } else { underscored(name) }
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

    /// The tables that relations and collections of an entity need, those of its mapped superclasses too.
    fn attributes(&mut self, id: TypeId) {
        let mut holders = vec![id];
        let mut at = id;
        while let Some(above) = self.program.supers(at).0.filter(|above| !holders.contains(above) && holders.len() < 24)
        {
            if self.entity(above).is_some() {
                break;
            }
            holders.push(above);
            at = above;
        }
        for holder in holders {
            let here = &self.program.types[holder];
            let fields =
                here.fields.iter().map(|field| (field.name.clone(), field.of.clone(), field.annotations.clone()));
            let getters = here
                .methods
                .iter()
                .filter(|method| method.parameters.is_empty() && !method.annotations.is_empty())
                .map(|method| (property(&method.name), method.returns.clone(), method.annotations.clone()));
            let all: Vec<(String, TypeRef, Vec<Annotation>)> =
                fields.chain(getters).filter(|(_, _, annotations)| !annotations.is_empty()).collect();
            for (name, of, annotations) in all {
                self.attribute(id, holder, &name, &of, &annotations);
            }
        }
    }

    fn attribute(&mut self, id: TypeId, holder: TypeId, name: &str, of: &TypeRef, annotations: &[Annotation]) {
        let find = |name: &str| named(annotations, name);
        if let Some(collection) = find("ElementCollection").or_else(|| find("CollectionOfElements")) {
            let table = find("CollectionTable").or_else(|| find("JoinTable"));
            let lines = table.map_or(collection.lines, |table| table.lines);
            let named = match table.filter(|table| table.value("name").is_some()) {
                Some(table) => self.explicit(holder, &table.values),
                None => {
                    let own = self.implicit(id);
                    Some(self.physical(&format!("{own}_{name}")))
                }
            };
            if let Some(named) = named {
                self.push(holder, named, Vec::new(), lines);
            }
            return;
        }
        let relation =
            ["ManyToMany", "OneToMany", "ManyToOne", "OneToOne"].iter().find_map(|kind| Some((*kind, find(kind)?)));
        let Some((kind, relation)) = relation else { return };
        let table = find("JoinTable");
        if let Some(table) = table.filter(|table| table.value("name").is_some()) {
            if let Some(named) = self.explicit(holder, &table.values) {
                self.push(holder, named, Vec::new(), table.lines);
            }
            return;
        }
        let has_columns = find("JoinColumn").is_some() || find("JoinColumns").is_some();
        let needs_table = match kind {
            "ManyToMany" => relation.value("mappedBy").is_none(),
            "OneToMany" => relation.value("mappedBy").is_none() && !has_columns,
            _ => table.is_some(),
        };
        if !needs_table {
            return;
        }
        let lines = table.map_or(relation.lines, |table| table.lines);
        let Some(own) = self.table_of(id) else { return };
        let own = own.rsplit('.').next().unwrap_or(&own).to_owned();
        let name = if self.is_boot { Some(name.to_owned()) } else { self.target(holder, of, relation) };
        match name {
            Some(name) => {
                let name = self.physical(&format!("{own}_{name}"));
                self.push(holder, name, Vec::new(), lines);
            }
            None => self.unknown(holder, lines),
        }
    }

    /// The table of the entity that a relation leads to.
    fn target(&mut self, holder: TypeId, of: &TypeRef, relation: &Annotation) -> Option<String> {
        let name = match relation.value("targetEntity") {
            Some(Expr::Class(name)) => name.clone(),
            _ => of.arguments.last().map_or_else(|| of.name.clone(), |last| last.name.clone()),
        };
        let scope = self.program.scope(holder);
        let target = self.program.resolve(scope, &name)?;
        self.entity(target)?;
        self.table_of(target)
    }
}

/// `getItems` is the property `items`.
fn property(getter: &str) -> String {
    let rest = getter.strip_prefix("get").or_else(|| getter.strip_prefix("is")).unwrap_or(getter);
    let mut letters = rest.chars();
    letters.next().map_or_else(String::new, |first| first.to_lowercase().collect::<String>() + letters.as_str())
}

/// Spring Boot's way: `userAccountV2` is `user_account_v2`, a dot is an underscore.
fn underscored(name: &str) -> String {
    let letters: Vec<char> = name.replace('.', "_").chars().collect();
    let mut out = String::with_capacity(letters.len() + 4);
    for (at, letter) in letters.iter().enumerate() {
        let before = at.checked_sub(1).and_then(|before| letters.get(before));
        let after = letters.get(at + 1);
        let parts = letter.is_uppercase()
            && before.is_some_and(|before| before.is_lowercase() || before.is_ascii_digit())
            && after.is_some_and(|after| after.is_lowercase() || after.is_ascii_digit());
        if parts {
            out.push('_');
        }
        out.extend(letter.to_lowercase());
    }
    out
}

#[cfg(test)]
mod tests {
    use super::underscored;

    #[test]
    fn names_are_written_as_spring_boot_writes_them() {
        assert_eq!(underscored("UserAccount"), "user_account");
        assert_eq!(underscored("T_USER"), "t_user");
        assert_eq!(underscored("OAuthClient"), "oauth_client");
        assert_eq!(underscored("app.users"), "app_users");
    }
}
