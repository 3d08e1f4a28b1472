//! Routes and regular expressions as path templates. A regular expression that is more than literal
//! text, groups and optional parts is refused with the reason.

/// Ways to write one expression out; more is no longer a path with optional parts.
const MAX_PATTERN_FORMS: usize = 16;

/// `articles/<int:pk>/` as `articles/{pk}/`.
pub(super) fn route(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('<') {
        let Some((inner, tail)) = after.split_once('>') else { break };
        out.push_str(before);
        out.push_str(&format!("{{{}}}", inner.rsplit(':').next().unwrap_or(inner).trim()));
        rest = tail;
    }
    out.push_str(rest);
    out
}

/// `^articles/(?P<pk>\d+)/$` as `articles/{pk}/`; several where a part is optional.
pub(super) fn regex(text: &str) -> Result<Vec<String>, String> {
    let letters: Vec<char> = text.chars().collect();
    let mut reader = Reader { letters: &letters, at: 0 };
    let forms = reader.alternatives(0)?;
    if reader.at < letters.len() {
        return Err("its regular expression has a closing bracket too many".to_owned());
    }
    let mut out: Vec<String> = Vec::new();
    for form in forms {
        if !out.contains(&form) {
            out.push(form);
        }
    }
    Ok(out)
}

struct Reader<'t> {
    letters: &'t [char],
    at: usize,
}

impl Reader<'_> {
    fn next_is(&self, text: &str) -> bool {
        let text: Vec<char> = text.chars().collect();
        self.letters.get(self.at..).is_some_and(|rest| rest.starts_with(&text))
    }

    /// Up to the end or the bracket that closes the group.
    fn alternatives(&mut self, depth: usize) -> Result<Vec<String>, String> {
        if depth > MAX_PATTERN_FORMS {
            return Err("its regular expression is nested too deeply".to_owned());
        }
        let mut all = self.sequence(depth)?;
        while self.next_is("|") {
            self.at += 1;
            all.extend(self.sequence(depth)?);
        }
        Ok(all)
    }

    fn sequence(&mut self, depth: usize) -> Result<Vec<String>, String> {
        let mut forms = vec![String::new()];
        while let Some(letter) = self.letters.get(self.at).copied() {
            if matches!(letter, ')' | '|') {
                break;
            }
            self.at += 1;
            let mut parts = match letter {
                '^' | '$' => continue,
                '\\' => match self.escaped()? {
                    Some(literal) => vec![literal.to_string()],
                    None => continue,
                },
                '(' => self.group(depth)?,
                '[' => vec![self.class()?.to_string()],
                '*' | '+' | '?' | '{' => return Err("its regular expression repeats a part".to_owned()),
                other => vec![other.to_string()],
            };
            match self.letters.get(self.at) {
                Some('?') => {
                    self.at += 1;
                    parts.push(String::new());
                }
                Some('*' | '+') if letter == '.' => {
                    return Err("its regular expression matches any text".to_owned());
                }
                Some('*' | '+') => return Err("its regular expression repeats a part".to_owned()),
                Some('{') => return Err("its regular expression repeats a part".to_owned()),
                _ => {}
            }
            let joined = forms.iter().flat_map(|form| parts.iter().map(move |part| format!("{form}{part}")));
            forms = joined.collect();
            if forms.len() > MAX_PATTERN_FORMS {
                return Err("its regular expression has too many forms".to_owned());
            }
        }
        Ok(forms)
    }

    /// After a backslash: a literal character, or nothing for an anchor.
    fn escaped(&mut self) -> Result<Option<char>, String> {
        let letter = self.letters.get(self.at).copied();
        self.at += 1;
        match letter {
            Some('A' | 'Z' | 'z' | 'b') => Ok(None),
            Some(other) if !other.is_alphanumeric() => Ok(Some(other)),
            _ => Err("its regular expression has a class of characters outside of a group".to_owned()),
        }
    }

    /// A class of one character is that character.
    fn class(&mut self) -> Result<char, String> {
        let rest = self.letters.get(self.at..).unwrap_or_default();
        let (letter, used) = match rest {
            ['\\', letter, ']', ..] if !letter.is_alphanumeric() => (*letter, 3),
            [letter, ']', ..] if !matches!(letter, '^' | '\\') => (*letter, 2),
            _ => return Err("its regular expression has a class of characters outside of a group".to_owned()),
        };
        self.at += used;
        Ok(letter)
    }

    fn group(&mut self, depth: usize) -> Result<Vec<String>, String> {
        if self.next_is("?P<") {
            self.at += 3;
            let from = self.at;
            while self.letters.get(self.at).is_some_and(|letter| *letter != '>') {
                self.at += 1;
            }
            let name: String = self.letters[from..self.at].iter().collect();
            self.skip()?;
            return Ok(vec![format!("{{{name}}}")]);
        }
        if self.next_is("?:") {
            self.at += 2;
            let forms = self.alternatives(depth + 1)?;
            if !self.next_is(")") {
                return Err("its regular expression has an open group".to_owned());
            }
            self.at += 1;
            return Ok(forms);
        }
        if self.next_is("?") {
            return Err("its regular expression looks ahead or behind".to_owned());
        }
        // Around a named group a plain one is only a bracket.
        let from = self.at;
        self.skip()?;
        let inner: String = self.letters[from..self.at].iter().collect();
        if inner.contains("(?P<") {
            self.at = from;
            let forms = self.alternatives(depth + 1)?;
            self.at += 1;
            return Ok(forms);
        }
        Ok(vec!["{var}".to_owned()])
    }

    /// Past the bracket that closes the group.
    fn skip(&mut self) -> Result<(), String> {
        let (mut open, mut in_class) = (1_usize, false);
        while let Some(letter) = self.letters.get(self.at) {
            self.at += 1;
            match letter {
                '\\' => self.at += 1,
                '[' if !in_class => in_class = true,
                ']' => in_class = false,
                '(' if !in_class => open += 1,
                ')' if !in_class => open -= 1,
                _ => {}
            }
            if open == 0 {
                return Ok(());
            }
        }
        Err("its regular expression has an open group".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::{regex, route};

    #[test]
    fn converters_and_groups_become_names() {
        assert_eq!(route("a/<int:pk>/<slug>/"), "a/{pk}/{slug}/");
        assert_eq!(regex(r"^a/(?P<pk>[^/.)]+)/(\d+)/$").unwrap(), ["a/{pk}/{var}/"]);
        assert_eq!(regex(r"^a\.json\Z").unwrap(), ["a.json"]);
    }

    #[test]
    fn optional_parts_and_alternatives_are_written_out() {
        assert_eq!(regex(r"^a/?$").unwrap(), ["a/", "a"]);
        assert_eq!(regex(r"^(?:a|b)/(?:page-(?P<n>\d+)/)?$").unwrap(), ["a/page-{n}/", "a/", "b/page-{n}/", "b/"]);
    }

    #[test]
    fn what_is_no_template_is_refused() {
        for text in [r"^.*$", r"^\d+/$", r"^a+$", r"^(?!api)", r"^[a-z]+/", r"^(a", r"a)"] {
            assert!(regex(text).is_err(), "{text}");
        }
    }
}
