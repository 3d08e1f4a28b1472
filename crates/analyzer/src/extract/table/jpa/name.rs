//! Under which names the database knows entities, their tables and columns.

use super::Entities;
use crate::extract::table::tables::qualified;
use crate::lang::case;
use crate::lang::jvm::model::{Expr, TypeId, named, value};
use crate::lang::jvm::settings::JvmSettings;
use crate::tree::corpus::Corpus;

/// How names of the program become names of the database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Naming {
    /// As they are.
    Plain,
    /// `userAccount` is `user_account`, whoever wrote it.
    Underscores,
}

/// Whether the settings choose Hibernate's own names.
pub(super) fn says_plain(corpus: &Corpus) -> bool {
    let settings = JvmSettings::read(corpus);
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
    /// The table of an entity; nothing, and a note, when its name cannot be known.
    pub(super) fn table_of(&mut self, id: TypeId) -> Option<String> {
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
    pub(super) fn implicit(&mut self, id: TypeId) -> String {
        let given = self.entity(id).and_then(|entity| entity.value("name").cloned());
        let scope = self.program.scope(id);
        given
            .and_then(|given| self.program.constant(scope, &given))
            .filter(|name| !name.is_empty())
            .unwrap_or_else(|| self.program.types[id].name.clone())
    }

    /// The name that an annotation gives.
    pub(super) fn explicit(&mut self, id: TypeId, values: &[(String, Expr)]) -> Option<String> {
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
        qualified(
            schema
                .map(|schema| self.physical(&schema))
                .filter(|schema| !schema.is_empty() && schema != "public" && schema != "dbo"),
            &name,
        )
    }

    pub(super) fn physical(&self, name: &str) -> String {
        let is_quoted = name.starts_with(['`', '"']);
        let name = name.trim_matches(['`', '"']);
        if is_quoted || self.naming == Naming::Plain { name.to_owned() } else { underscored(name) }
    }
}

/// Spring Boot's way: `userAccountV2` is `user_account_v2`, a dot is an underscore.
fn underscored(name: &str) -> String {
    let is_small = |letter: char| letter.is_lowercase() || letter.is_ascii_digit();
    let name = name.replace('.', "_");
    case::snake(&name, |before, next| case::after_small(before, next) && next.is_some_and(is_small))
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
