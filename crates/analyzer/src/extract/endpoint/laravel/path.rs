//! A route's path as a client calls it: parameters as `{name}`, one path for each way to leave out what is optional.

use super::group::below;

/// Letters that may stand between a parameter and what precedes it, and go with it.
const SEPARATORS: [char; 10] = ['/', ',', ';', '.', ':', '-', '_', '~', '*', '@'];

/// Every path that a client calls for one path as written.
pub(super) fn as_called(path: &str, is_lumen: bool) -> Vec<String> {
    if is_lumen {
        return bracketed(path).into_iter().map(|path| rooted(&parameters(&path).0)).collect();
    }
    let (path, optional) = parameters(path);
    let mut out = vec![rooted(&path)];
    // Only what is optional at the very end can be left out.
    let mut rest = path;
    for name in optional.iter().rev() {
        let Some(shorter) = rest.strip_suffix(&format!("{{{name}}}")) else { break };
        rest = shorter.strip_suffix(SEPARATORS).unwrap_or(shorter).to_owned();
        out.push(rooted(&rest));
    }
    out
}

fn rooted(path: &str) -> String {
    format!("/{}", below("", path))
}

/// `{post:slug}`, `{id?}`, `{id:[0-9]+}`: the bare names, and which of them are optional.
fn parameters(path: &str) -> (String, Vec<String>) {
    let mut out = String::new();
    let mut optional = Vec::new();
    let mut rest = path;
    while let Some((before, after)) = rest.split_once('{') {
        out.push_str(before);
        // A pattern may hold braces of its own.
        let mut open = 1;
        let end = after.char_indices().find(|(_, letter)| {
            open += i32::from(*letter == '{') - i32::from(*letter == '}');
            open == 0
        });
        let Some((end, _)) = end else {
            out.push('{');
            rest = after;
            break;
        };
        let inner = &after[..end];
        let name = inner.split(':').next().unwrap_or(inner).trim_end_matches('?').trim();
        if inner.ends_with('?') {
            optional.push(name.to_owned());
        }
        out.push('{');
        out.push_str(name);
        out.push('}');
        rest = &after[end + 1..];
    }
    out.push_str(rest);
    (out, optional)
}

/// Lumen's `/user[/{name}[/{page}]]`: with each optional part and without.
fn bracketed(path: &str) -> Vec<String> {
    let mut out = Vec::new();
    let mut depth = 0;
    let mut whole = String::new();
    for letter in path.chars() {
        match letter {
            '{' => depth += 1,
            '}' => depth -= 1,
            '[' if depth == 0 => {
                out.push(whole.clone());
                continue;
            }
            ']' if depth == 0 => continue,
            _ => {}
        }
        whole.push(letter);
    }
    out.push(whole);
    out.reverse();
    out
}

#[cfg(test)]
mod tests {
    use super::as_called;

    #[test]
    fn a_path_is_written_as_a_client_calls_it() {
        let called = |path| as_called(path, false);
        assert_eq!(called("/"), ["/"]);
        assert_eq!(called("a/{post:slug}/"), ["/a/{post}"]);
        assert_eq!(called("a/{id?}"), ["/a/{id}", "/a"]);
        assert_eq!(called("{a?}/{b?}"), ["/{a}/{b}", "/{a}", "/"]);
        assert_eq!(called("a/{id?}/edit"), ["/a/{id}/edit"]);
        assert_eq!(called("a/{id}.{format?}"), ["/a/{id}.{format}", "/a/{id}"]);
        assert_eq!(
            as_called("a/{id:[0-9]{2}}[/{page}[/{x}]]", true),
            ["/a/{id}/{page}/{x}", "/a/{id}/{page}", "/a/{id}"]
        );
    }
}
