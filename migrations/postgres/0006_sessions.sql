-- Sessions of the page that were ended before they were over.
create table ci_ended_sessions (
    id         uuid primary key not null,
    expires_at timestamptz not null
);
