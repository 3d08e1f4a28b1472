//! Tables: their names, and what is none. What a fixture must not give stands in it under a name that says so.

use crate::support::{keys, module, tables};

#[test]
fn a_computed_table_name_is_not_guessed() {
    let found = tables(&module(
        "package main\nimport \"gorm.io/gorm\"\ntype User struct {\n\tgorm.Model\n}\n\
         func (User) TableName() string { return prefix() + \"users\" }\n\
         func up(db *gorm.DB) { db.AutoMigrate(&User{}) }\n",
    ));
    assert!(found.facts.is_empty());
    assert_eq!(found.unresolved.len(), 1);
}

#[test]
fn a_manage_file_of_flask_hides_no_migration() {
    let revision = "from alembic import op\nimport sqlalchemy as sa\n\nrevision = \"1\"\ndown_revision = None\n\n\n\
        def upgrade():\n    op.create_table(\"bill_version\", sa.Column(\"id\", sa.Integer()))\n\n\n\
        def downgrade():\n    op.drop_table(\"bill_version\")\n";
    let manage = |text: &str| {
        let files = [("manage.py", text), ("money/migrations/versions/1_first.py", revision)];
        keys(&tables(&files)).len()
    };
    assert_eq!(manage("import click\nfrom money.run import create_app\n"), 1);
    assert_eq!(manage("from django.core.management import execute_from_command_line\n"), 0);
}

#[test]
fn a_function_that_splits_at_capitals_names_a_table_where_all_such_functions_agree() {
    let base = "import re\nfrom sqlalchemy.orm import DeclarativeBase, declared_attr\n\n\
        def resolve(name):\n    names = re.split(\"(?=[A-Z])\", name)\n    return \"_\".join([x.lower() for x in names if x])\n\n\
        class Base(DeclarativeBase):\n    @declared_attr.directive\n    def __tablename__(cls):\n        return resolve(cls.__name__)\n";
    let models = "from sqlalchemy import Column, Integer\nfrom app.base import Base\n\n\
        class CaseCost(Base):\n    id = Column(Integer, primary_key=True)\n\n\
        class HTTPLog(Base):\n    id = Column(Integer, primary_key=True)\n";
    let found = tables(&[("app/base.py", base), ("app/models.py", models)]);
    assert_eq!(keys(&found), ["case_cost"]);
    assert_eq!(found.unresolved.len(), 1);
}

#[test]
fn a_copy_that_a_migration_renames_in_a_loop_is_no_table() {
    let migration = "package migrations\n\nvar steps = []step{\n\t{create: `CREATE TABLE users (id int)`},\n\t\
        {create: `CREATE TABLE users_new (id int)`},\n\t{create: `CREATE TABLE what_is_new (id int)`},\n}\n";
    let found = tables(&[("db/migrations/20250101_first.go", migration)]);
    assert_eq!(keys(&found), ["users", "what_is_new"]);
}

#[test]
fn a_context_for_users_alone_has_no_roles_and_one_database_of_several_names_no_table() {
    let context = "public class TenantContext : IdentityUserContext<IdentityUser> {\n    \
        public virtual DbSet<JobLog> JobLog { get; set; }\n}\npublic class JobLog { public int Id { get; set; } }\n";
    let postgres = "public class Postgres { void Use(B b) { b.UseNpgsql(x).UseSnakeCaseNamingConvention(); } }\n";
    let sqlite = "public class Sqlite { void Use(B b) { b.UseSqlite(x); } }\n";
    let found = tables(&[("Data/TenantContext.cs", context), ("Postgres.cs", postgres), ("Sqlite.cs", sqlite)]);
    assert_eq!(keys(&found), ["AspNetUserClaims", "AspNetUserLogins", "AspNetUserTokens", "AspNetUsers", "JobLog"]);
    let found = tables(&[("Data/TenantContext.cs", context), ("Postgres.cs", postgres)]);
    assert!(keys(&found).contains(&"job_log"));
}

#[test]
fn a_schema_file_that_diesel_marks_as_generated_is_read() {
    let schema = |mark: &str| {
        let text =
            format!("// @generated {mark}.\ndiesel::table! {{\n    users (id) {{\n        id -> Int4,\n    }}\n}}\n");
        tables(&[("src/schema.rs", text)])
    };
    assert_eq!(keys(&schema("automatically by Diesel CLI")), ["users"]);
    assert!(schema("by somebody else").facts.is_empty());
}

#[test]
fn broken_sql_ends() {
    let texts: [&[u8]; 8] = [
        b"CREATE TABLE",
        b"CREATE TABLE x (",
        b"CREATE TABLE \"x",
        b"ALTER TABLE x RENAME TO",
        b"DO $$ CREATE TABLE x (id int)",
        b"CREATE TABLE \xff\xfe (id int); CREATE TABLE y (id int);",
        b"RENAME TABLE a TO",
        b"COPY x FROM stdin;\n1\t2",
    ];
    for text in texts {
        tables(&[("db/schema.sql", text)]);
    }
    let deep = "(".repeat(100_000);
    let found = tables(&[("a.sql", format!("CREATE TABLE deep {deep}").into_bytes())]);
    assert_eq!(found.facts.len(), 1);
}
