//! Links and anchors in the HTML that Markdown may hold: `href`, `src`, `id`, `name`, and the text of headings.

/// What a piece of HTML holds, each with the number of line breaks before it.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Html {
    pub(super) links: Vec<(String, u32)>,
    pub(super) anchors: Vec<String>,
    /// Texts of `<h1>` to `<h6>`.
    pub(super) headings: Vec<String>,
}

/// Read the tags of a piece of HTML; comments hold nothing.
pub(super) fn read(html: &str) -> Html {
    let mut found = Html::default();
    let mut rest = html;
    let mut line = 0;
    let mut heading: Option<String> = None;
    while let Some((before, after)) = rest.split_once('<') {
        line += breaks(before);
        if let Some(text) = &mut heading {
            text.push_str(before);
        }
        if let Some(comment) = after.strip_prefix("!--") {
            let (inside, next) = comment.split_once("-->").unwrap_or((comment, ""));
            line += breaks(inside);
            rest = next;
            continue;
        }
        let Some((tag, next)) = after.split_once('>') else { break };
        let name = tag.split(|c: char| !c.is_ascii_alphanumeric() && c != '/').next().unwrap_or_default();
        match name.to_ascii_lowercase().as_str() {
            "h1" | "h2" | "h3" | "h4" | "h5" | "h6" => heading = Some(String::new()),
            "/h1" | "/h2" | "/h3" | "/h4" | "/h5" | "/h6" => found.headings.extend(heading.take()),
            _ => {}
        }
        for (attribute, value) in attributes(&tag[name.len()..]) {
            match attribute.to_ascii_lowercase().as_str() {
                "href" | "src" => found.links.push((value, line)),
                "id" | "name" => found.anchors.push(value),
                _ => {}
            }
        }
        line += breaks(tag);
        rest = next;
    }
    found
}

fn breaks(text: &str) -> u32 {
    u32::try_from(text.matches('\n').count()).unwrap_or(0)
}

/// `name="value"`, `name='value'` and `name=value` of a tag.
fn attributes(tag: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut rest = tag;
    while let Some((before, after)) = rest.split_once('=') {
        let name = before.split_whitespace().last().unwrap_or_default().to_owned();
        let after = after.trim_start();
        let (value, next) = match after.chars().next() {
            Some(quote @ ('"' | '\'')) => after[1..].split_once(quote).unwrap_or((&after[1..], "")),
            _ => after.split_at(after.find(char::is_whitespace).unwrap_or(after.len())),
        };
        found.push((name, value.trim_end_matches('/').to_owned()));
        if quoted(after) {
            // A path may end with a slash; only an unquoted value can run into the end of the tag.
            if let Some(last) = found.last_mut() {
                value.clone_into(&mut last.1);
            }
        }
        rest = next;
    }
    found
}

fn quoted(text: &str) -> bool {
    text.starts_with(['"', '\''])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_give_their_links_anchors_and_headings_with_lines() {
        let html = "<p align=center>\n<a id=\"top\" href='docs/'><img src=logo.png></a>\n<!-- <a href=\"no\"> -->\n<h2>Get <b>going</b></h2>";
        let found = read(html);
        assert_eq!(found.links, [("docs/".to_owned(), 1), ("logo.png".to_owned(), 1)]);
        assert_eq!(found.anchors, ["top"]);
        assert_eq!(found.headings, ["Get going"]);
    }
}
