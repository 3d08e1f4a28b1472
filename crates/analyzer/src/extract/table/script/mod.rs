//! Models of JavaScript and TypeScript programs.

mod drizzle;
mod entity;
mod prisma;
mod sequelize;

use crate::extract::table::tables::Tables;
use crate::lang::constant::Constants;
use crate::lang::declarations::Declarations;
use crate::tree::corpus::Corpus;

pub(super) fn read(corpus: &Corpus, tables: &mut Tables) {
    let declarations = Declarations::new(corpus);
    let constants = Constants::new(&declarations);
    prisma::read(corpus, tables);
    drizzle::read(corpus, &constants, tables);
    entity::read(corpus, &constants, tables);
    sequelize::read(corpus, &constants, tables);
}
