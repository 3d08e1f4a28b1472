//! Route templates: how a prefix and a template are joined, what tokens stand for, and the paths that a client calls.

/// Paths of one template; nobody writes more than a few optional parts.
const MAX_TEMPLATE_FORMS: usize = 16;

/// A controller's template and an action's: a template that starts with `/` or `~/` stands alone.
pub(super) fn combine(prefix: &str, own: &str) -> String {
    if is_absolute(own) {
        return clean(own);
    }
    let prefix = clean(prefix);
    let own = clean(own);
    match (prefix.is_empty(), own.is_empty()) {
        (true, _) => own,
        (_, true) => prefix,
        _ => format!("{prefix}/{own}"),
    }
}

/// Whether a template overrides the one above it.
pub(super) fn is_absolute(template: &str) -> bool {
    template.starts_with('/') || template.starts_with("~/")
}

fn clean(template: &str) -> String {
    template.trim_start_matches('~').trim_matches('/').to_owned()
}

/// `[controller]`, `[action]` and `[area]` replaced, `[[` as `[`; the name of a token that is not known otherwise.
pub(super) fn tokens(template: &str, value: impl Fn(&str) -> Option<String>) -> Result<String, String> {
    let mut out = String::with_capacity(template.len());
    let mut letters = template.char_indices().peekable();
    while let Some((at, letter)) = letters.next() {
        match letter {
            '[' | ']' if letters.next_if(|(_, next)| *next == letter).is_some() => out.push(letter),
            '[' => {
                let rest = &template[at + 1..];
                let Some((name, _)) = rest.split_once(']') else { return Err(rest.to_owned()) };
                out.push_str(&value(name.trim()).ok_or_else(|| name.to_owned())?);
                while letters.next_if(|(next, _)| *next <= at + 1 + name.len()).is_some() {}
            }
            other => out.push(other),
        }
    }
    Ok(out)
}

/// A parameter as written between braces.
pub(super) struct TemplateParameter<'p> {
    pub(super) name: &'p str,
    pub(super) default: Option<&'p str>,
    pub(super) is_optional: bool,
}

/// Take `*path`, `id:int?`, `page:int=1` apart.
pub(super) fn parameter(inner: &str) -> TemplateParameter<'_> {
    let inner = inner.trim().trim_start_matches('*');
    let end = inner.find([':', '=', '?']).unwrap_or(inner.len());
    let (name, rest) = inner.split_at(end);
    // A `=` inside the arguments of a constraint is none of a default.
    let mut depth = 0_i32;
    let equals = rest.char_indices().find_map(|(at, letter)| {
        depth += i32::from(letter == '(') - i32::from(letter == ')');
        (letter == '=' && depth <= 0).then_some(at)
    });
    let default = equals.map(|at| &rest[at + 1..]);
    TemplateParameter { name: name.trim(), default, is_optional: default.is_none() && rest.ends_with('?') }
}

/// A piece of a segment.
pub(super) enum TemplatePiece<'p> {
    Text(String),
    Parameter(&'p str),
}

/// The pieces of a template in order; `{{` is a brace.
pub(super) fn pieces(template: &str) -> Vec<TemplatePiece<'_>> {
    let mut out = Vec::new();
    let mut plain = String::new();
    let bytes = template.as_bytes();
    let mut at = 0;
    let mut from = 0;
    while at < bytes.len() {
        let is_double = bytes.get(at + 1) == Some(&bytes[at]);
        match bytes[at] {
            b'{' | b'}' if is_double => {
                plain.push_str(&template[from..=at]);
                at += 2;
                from = at;
            }
            b'{' => {
                plain.push_str(&template[from..at]);
                let mut end = at + 1;
                while end < bytes.len() && (bytes[end] != b'}' || bytes.get(end + 1) == Some(&b'}')) {
                    // `}}` belongs to a pattern, unless the parameter ends with it.
                    end += if matches!(bytes[end], b'{' | b'}') && bytes.get(end + 1) == Some(&bytes[end]) {
                        2
                    } else {
                        1
                    };
                }
                if !plain.is_empty() {
                    out.push(TemplatePiece::Text(std::mem::take(&mut plain)));
                }
                let end = end.min(bytes.len());
                out.push(TemplatePiece::Parameter(&template[at + 1..end]));
                at = end + 1;
                from = at.min(bytes.len());
            }
            _ => at += 1,
        }
    }
    plain.push_str(template.get(from..).unwrap_or_default());
    if !plain.is_empty() {
        out.push(TemplatePiece::Text(plain));
    }
    out
}

/// The paths that a client calls: parameters as `{name}`, one more path for each part at the end that may be left out.
pub(super) fn called(template: &str) -> Vec<String> {
    let mut segments: Vec<(String, bool)> = Vec::new();
    let mut shorter: Option<String> = None;
    for segment in segments_of(template.trim_start_matches('~').trim_matches('/')) {
        let mut written = String::new();
        let mut may_be_left_out = false;
        let parts = pieces(segment);
        let count = parts.len();
        for part in parts {
            match part {
                TemplatePiece::Text(text) => written.push_str(&text),
                TemplatePiece::Parameter(inner) => {
                    let one = parameter(inner);
                    let is_optional = one.is_optional || one.default.is_some();
                    may_be_left_out = is_optional && count == 1;
                    if is_optional && count > 1 {
                        // `{file}.{extension?}`: the dot goes with it.
                        shorter = Some(written.strip_suffix('.').unwrap_or(&written).to_owned());
                    } else {
                        shorter = None;
                    }
                    written.push('{');
                    written.push_str(one.name);
                    written.push('}');
                }
            }
        }
        segments.push((written, may_be_left_out));
    }
    let path = |segments: &[(String, bool)]| {
        format!("/{}", segments.iter().map(|(text, _)| text.as_str()).collect::<Vec<_>>().join("/"))
    };
    let mut out = vec![path(&segments)];
    if let (Some(shorter), Some(last)) = (shorter, segments.last())
        && last.0.ends_with('}')
    {
        let mut other = segments.clone();
        if let Some(last) = other.last_mut() {
            last.0 = shorter;
        }
        out.push(path(&other));
    }
    while segments.last().is_some_and(|(_, may_be_left_out)| *may_be_left_out) && out.len() < MAX_TEMPLATE_FORMS {
        segments.pop();
        out.push(path(&segments));
    }
    out
}

/// Segments; a slash between braces parts none.
fn segments_of(template: &str) -> Vec<&str> {
    let mut out = Vec::new();
    let (mut depth, mut from) = (0_i32, 0);
    for (at, byte) in template.bytes().enumerate() {
        match byte {
            b'{' => depth += 1,
            b'}' => depth -= 1,
            b'/' if depth <= 0 => {
                out.push(&template[from..at]);
                from = at + 1;
            }
            _ => {}
        }
    }
    out.push(&template[from..]);
    out.retain(|segment| !segment.is_empty());
    out
}

#[cfg(test)]
mod tests {
    use super::{called, combine, tokens};

    #[test]
    fn templates_become_the_paths_that_a_client_calls() {
        assert_eq!(called("api/items/{id:int}"), ["/api/items/{id}"]);
        assert_eq!(called("items/{id?}"), ["/items/{id}", "/items"]);
        assert_eq!(called("{controller=Home}/{action=Index}"), ["/{controller}/{action}", "/{controller}", "/"]);
        assert_eq!(called("files/{**path}"), ["/files/{path}"]);
        assert_eq!(called("{name:regex(^[a-z]{{2,3}}$)}/x"), ["/{name}/x"]);
        assert_eq!(called("{name:regex(^a{{2}})}"), ["/{name}"]);
        assert_eq!(called("{file}.{ext?}"), ["/{file}.{ext}", "/{file}"]);
        assert_eq!(called(""), ["/"]);
    }

    #[test]
    fn an_absolute_template_stands_alone() {
        assert_eq!(combine("api/x", "y/"), "api/x/y");
        assert_eq!(combine("api/x", "~/y"), "y");
        assert_eq!(combine("api/x", "/y"), "y");
        assert_eq!(combine("api/x", ""), "api/x");
    }

    #[test]
    fn tokens_are_replaced_and_doubled_brackets_are_brackets() {
        let value = |name: &str| (name == "controller").then(|| "Users".to_owned());
        assert_eq!(tokens("api/[controller]/x", value), Ok("api/Users/x".to_owned()));
        assert_eq!(tokens("{n:regex([[a-z]]+)}", value), Ok("{n:regex([a-z]+)}".to_owned()));
        assert_eq!(tokens("[area]/x", value), Err("area".to_owned()));
    }
}
