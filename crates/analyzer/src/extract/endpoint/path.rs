//! Joining prefixes and paths, and writing parameters as `{name}`, each as the framework does it.

use crate::trace::graph::Join;

/// A prefix and a path, as the framework joins them.
pub(super) fn join(how: Join, prefix: &str, path: &str) -> String {
    match how {
        Join::Verbatim => format!("{prefix}{path}"),
        Join::Lenient => {
            let path = path.trim_matches('/');
            let prefix = prefix.trim_end_matches('/');
            if path.is_empty() { prefix.to_owned() } else { format!("{prefix}/{path}") }
        }
        Join::SingleSlash if path.is_empty() => prefix.to_owned(),
        Join::SingleSlash => format!("{}/{}", prefix.trim_end_matches('/'), path.trim_start_matches('/')),
        Join::Adjoin if path == "/" && !prefix.is_empty() => prefix.to_owned(),
        Join::Adjoin if prefix.ends_with('/') && path.starts_with('/') => format!("{prefix}{}", &path[1..]),
        Join::Adjoin => format!("{prefix}{path}"),
        Join::Nest if prefix.is_empty() => path.to_owned(),
        Join::Nest if path == "/" || path.is_empty() => prefix.to_owned(),
        Join::Nest => format!("{}/{}", prefix.trim_end_matches('/'), path.trim_start_matches('/')),
    }
}

/// The paths that a client calls for one path as written: more than one where a part is optional.
pub(super) fn as_called(framework: &str, path: &str) -> Vec<String> {
    let rooted = if path.starts_with('/') { path.to_owned() } else { format!("/{path}") };
    match framework {
        "express" | "nestjs" => express(&rooted),
        "koa" => koa(&rooted),
        "fastify" => fastify(&rooted),
        "hono" => express(&without_patterns(&rooted)),
        "nextjs" => vec![rooted],
        "flask" => vec![between(&rooted, '<', '>', flask_name)],
        "axum" => vec![axum(&rooted)],
        "actix-web" => vec![actix(&rooted)],
        "rocket" => vec![between(&rooted, '<', '>', |inner| inner.trim_end_matches('.'))],
        "gin" | "httprouter" | "hertz" | "bunrouter" => vec![go_segments(&rooted)],
        "echo" => vec![go_segments(&rooted.replace("\\:", "\u{0}")).replace('\u{0}', ":")],
        "fiber" => express(&without_constraints(&rooted)),
        "macaron" => vec![go_segments(&without_expressions(&rooted))],
        "iris" | "flamego" | "fasthttp-router" | "chi" | "gorilla/mux" | "net/http" | "huma" => {
            let plain = go_segments(&braced(&rooted)).replace("/{$}", "/");
            vec![plain.replace("{}", "*")]
        }
        _ => vec![between(&rooted, '{', '}', |inner| inner.split(':').next().unwrap_or(inner))],
    }
}

/// `<int:id>`, `<any(a, b):name>`: the name is what follows the last colon.
fn flask_name(inner: &str) -> &str {
    inner.rsplit(':').next().unwrap_or(inner)
}

fn between(path: &str, open: char, close: char, name: impl Fn(&str) -> &str) -> String {
    let mut out = String::new();
    let mut rest = path;
    while let Some((before, after)) = rest.split_once(open) {
        out.push_str(before);
        let Some((inner, tail)) = after.split_once(close) else {
            out.push(open);
            out.push_str(after);
            return out;
        };
        out.push('{');
        out.push_str(name(inner).trim());
        out.push('}');
        rest = tail;
    }
    out.push_str(rest);
    out
}

/// `:id` and `*rest` of Go's routers; a bare `*` stays.
fn go_segments(path: &str) -> String {
    let mut out = String::with_capacity(path.len());
    let mut letters = path.chars().peekable();
    let mut before = '/';
    while let Some(letter) = letters.next() {
        let is_name = letters.peek().is_some_and(|next| next.is_alphanumeric() || *next == '_');
        if is_name && (letter == ':' || (letter == '*' && before == '/')) {
            out.push('{');
            while let Some(next) = letters.next_if(|next| next.is_alphanumeric() || matches!(next, '_' | '-')) {
                out.push(next);
            }
            out.push('}');
        } else {
            out.push(letter);
        }
        before = letter;
    }
    out
}

/// `{id:[a-z]{2}}`, `{path...}`, `{path:*}`, `{id: /x/}`: the name alone.
fn braced(path: &str) -> String {
    let mut out = String::with_capacity(path.len());
    let mut open = 0_usize;
    let mut is_name = false;
    for letter in path.chars() {
        match letter {
            '{' => {
                open += 1;
                if open == 1 {
                    is_name = true;
                    out.push(letter);
                }
            }
            '}' => {
                open = open.saturating_sub(1);
                if open == 0 {
                    out.push(letter);
                }
            }
            ':' | '.' | '?' if open == 1 => is_name = false,
            other if open == 0 || (is_name && !other.is_whitespace() && other != '*') => out.push(other),
            _ => {}
        }
    }
    out
}

/// Macaron's `/^:type(a|b)$` and `:id:int` without what a parameter has to look like.
fn without_expressions(path: &str) -> String {
    let mut out = String::with_capacity(path.len());
    let mut open = 0_usize;
    for letter in path.chars() {
        match letter {
            '(' => open += 1,
            ')' => open = open.saturating_sub(1),
            '^' | '$' | '?' => {}
            other if open == 0 => out.push(other),
            _ => {}
        }
    }
    out.replace(":int", "").replace(":string", "")
}

/// Fiber's `:id<int>` without the constraint.
fn without_constraints(path: &str) -> String {
    let mut out = String::with_capacity(path.len());
    let mut open = 0_usize;
    for letter in path.chars() {
        match letter {
            '<' => open += 1,
            '>' => open = open.saturating_sub(1),
            other if open == 0 => out.push(other),
            _ => {}
        }
    }
    out
}

/// `{id}`, `{*rest}`, and before version 0.8 `:id`, `*rest`.
fn axum(path: &str) -> String {
    let segments = path.split('/').map(|segment| {
        let name = segment.strip_prefix(':').or_else(|| segment.strip_prefix('*'));
        match name.filter(|name| !name.is_empty()) {
            Some(name) => format!("{{{name}}}"),
            None => segment.replace("{*", "{"),
        }
    });
    segments.collect::<Vec<_>>().join("/")
}

/// `{id}`, `{tail:.*}`, `{year:[0-9]{4}}`: the name stands before the first colon.
fn actix(path: &str) -> String {
    let mut out = String::with_capacity(path.len());
    let mut open = 0_usize;
    let mut is_pattern = false;
    for letter in path.chars() {
        match letter {
            '{' => {
                open += 1;
                if open == 1 {
                    is_pattern = false;
                    out.push('{');
                }
            }
            '}' => {
                open = open.saturating_sub(1);
                if open == 0 {
                    out.push('}');
                }
            }
            ':' if open == 1 => is_pattern = true,
            other if open == 0 || (open == 1 && !is_pattern) => out.push(other),
            _ => {}
        }
    }
    out
}

/// `:id`, `:id(\\d+)`, `:a-:b`, `*name`; `:id?` and `{/:id}` are two paths each.
fn express(path: &str) -> Vec<String> {
    let mut paths = vec![String::new()];
    let letters: Vec<char> = path.chars().collect();
    let mut at = 0;
    while at < letters.len() {
        let letter = letters[at];
        at += 1;
        let is_named = |at: usize| letters.get(at).is_some_and(|next| next.is_alphanumeric() || *next == '_');
        match letter {
            ':' | '*' if is_named(at) => {
                let from = at;
                while is_named(at) {
                    at += 1;
                }
                let name: String = letters[from..at].iter().collect();
                if letters.get(at) == Some(&'(') {
                    let mut open = 0_i32;
                    while at < letters.len() {
                        open += i32::from(letters[at] == '(') - i32::from(letters[at] == ')');
                        at += 1;
                        if open == 0 {
                            break;
                        }
                    }
                }
                let without = (letters.get(at) == Some(&'?')).then(|| paths.clone());
                if letters.get(at).is_some_and(|next| matches!(next, '?' | '+' | '*')) {
                    at += 1;
                }
                for path in &mut paths {
                    path.push_str(&format!("{{{name}}}"));
                }
                for mut shorter in without.unwrap_or_default() {
                    if shorter.ends_with('/') && shorter.len() > 1 {
                        shorter.pop();
                    }
                    paths.push(shorter);
                }
            }
            '{' => {
                let from = at;
                while at < letters.len() && letters[at] != '}' {
                    at += 1;
                }
                let inner: String = letters[from..at].iter().collect();
                at += 1;
                let with: Vec<String> = paths
                    .iter()
                    .flat_map(|path| express(&inner).into_iter().map(move |inner| format!("{path}{inner}")))
                    .collect();
                paths.extend(with);
            }
            other => paths.iter_mut().for_each(|path| path.push(other)),
        }
        // Optional parts double the paths; nobody writes more than a few.
        paths.truncate(16);
    }
    for path in &mut paths {
        if path.is_empty() {
            path.push('/');
        }
    }
    paths
}

/// As Express; without the strict option a last slash makes no difference.
fn koa(path: &str) -> Vec<String> {
    let shorter = path.strip_suffix('/').filter(|shorter| !shorter.is_empty()).unwrap_or(path);
    express(shorter)
}

/// `::` is a colon that is part of the path.
fn fastify(path: &str) -> Vec<String> {
    let colon = "\u{0}";
    express(&path.replace("::", colon)).into_iter().map(|path| path.replace(colon, ":")).collect()
}

/// Hono's `:id{[0-9]+}` without the pattern, and `{id}` of documented routes as `:id`.
fn without_patterns(path: &str) -> String {
    let mut out = String::with_capacity(path.len());
    let mut rest = path;
    while let Some((before, after)) = rest.split_once('{') {
        out.push_str(before);
        let mut open = 1_usize;
        let end = after.char_indices().find_map(|(at, letter)| {
            match letter {
                '{' => open += 1,
                '}' => open -= 1,
                _ => {}
            }
            (open == 0).then_some(at)
        });
        let (inner, tail) = end.map_or((after, ""), |end| (&after[..end], &after[end + 1..]));
        let segment = before.rsplit('/').next().unwrap_or_default();
        if !segment.contains(':') {
            out.push(':');
            out.push_str(inner);
        }
        rest = tail;
    }
    out.push_str(rest);
    out
}
