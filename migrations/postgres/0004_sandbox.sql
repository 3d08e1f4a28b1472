-- Which layers confined the children of the attempt.
alter table ci_attempts add column sandbox text;
