-- Sessions of the page that were ended before they were over.
create table ci_ended_sessions (
    id         text primary key not null,
    expires_at text not null
);
