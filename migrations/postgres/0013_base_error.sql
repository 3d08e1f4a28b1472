-- Why the attempt compared with no base, where there was one to be compared with: the commit, and what kept it from being read.
alter table ci_attempts add column base_error text;
