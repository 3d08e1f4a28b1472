//! The two schemas stay one: the same files, and the same tables and columns after them.

use std::collections::BTreeSet;

use crate::support::database::{Backend, TestDatabase};

fn files(database: &str) -> BTreeSet<String> {
    let folder = format!("{}/migrations/{database}", env!("CARGO_MANIFEST_DIR"));
    std::fs::read_dir(folder).unwrap().map(|file| file.unwrap().file_name().into_string().unwrap()).collect()
}

#[test]
fn both_databases_have_the_same_migrations() {
    assert_eq!(files("sqlite"), files("postgres"));
}

#[tokio::test(flavor = "multi_thread")]
async fn both_databases_end_up_with_the_same_tables_and_columns() {
    let Some(postgres) = TestDatabase::new(Backend::Postgres).await else { return };
    let sqlite = TestDatabase::new(Backend::Sqlite).await.unwrap();
    // Opening applies the migrations; opening again finds nothing to do.
    for database in [&postgres, &sqlite] {
        database.store().await;
        database.store().await;
    }
    let of_postgres = postgres
        .probe()
        .await
        .texts("select table_name || '.' || column_name from information_schema.columns where table_name like 'ci_%'")
        .await;
    let of_sqlite = sqlite
        .probe()
        .await
        .texts(
            "select m.name || '.' || p.name from sqlite_master m join pragma_table_info(m.name) p
             where m.type = 'table' and m.name like 'ci_%'",
        )
        .await;
    let set = |columns: Vec<String>| columns.into_iter().collect::<BTreeSet<_>>();
    assert_eq!(set(of_sqlite), set(of_postgres));
}
