//! The tables between entities: of relations with many sides, and of collections.

use super::Entities;
use crate::lang::jvm::model::{Annotation, Expr, TypeId, TypeRef, named};

impl Entities<'_, '_> {
    /// The tables that relations and collections of an entity need, those of its mapped superclasses too.
    pub(super) fn attributes(&mut self, id: TypeId) {
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
