//! A badge as SVG: two words on two grounds, and the whole sentence as its title. Nothing in it is code or a link.

/// What a badge says.
pub(super) struct Badge {
    /// Left: what is measured.
    pub(super) label: &'static str,
    /// Right: the value.
    pub(super) message: String,
    /// Ground of the value.
    pub(super) colour: &'static str,
    /// The sentence for screen readers and for the pointer.
    pub(super) title: String,
}

const HEIGHT: u32 = 20;
/// Room on either side of a text.
const PADDING: u32 = 6;

/// Draw it.
pub(super) fn draw(badge: &Badge) -> String {
    let (label, message, title) = (escape(badge.label), escape(&badge.message), escape(&badge.title));
    let (left, right) = (width(badge.label), width(&badge.message));
    let (label_box, message_box) = (left + 2 * PADDING, right + 2 * PADDING);
    let whole = label_box + message_box;
    let message_at = label_box + PADDING;
    let colour = badge.colour;
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{whole}\" height=\"{HEIGHT}\" role=\"img\" aria-label=\"{label}: {message}\">\
         <title>{title}</title>\
         <rect width=\"{whole}\" height=\"{HEIGHT}\" rx=\"3\" fill=\"{colour}\"/>\
         <path d=\"M3 0h{straight}v{HEIGHT}H3a3 3 0 0 1-3-3V3a3 3 0 0 1 3-3z\" fill=\"#3b3f46\"/>\
         <g fill=\"#fff\" font-family=\"Verdana,Geneva,DejaVu Sans,sans-serif\" font-size=\"11\">\
         <text x=\"{PADDING}\" y=\"14\" textLength=\"{left}\">{label}</text>\
         <text x=\"{message_at}\" y=\"14\" textLength=\"{right}\">{message}</text></g></svg>\n",
        straight = label_box - 3,
    )
}

/// About as wide as Verdana draws it at 11 px; the browser stretches the text to exactly this.
fn width(text: &str) -> u32 {
    let tenths = |character: char| match character {
        'i' | 'j' | 'l' | '.' | ',' | ':' | '\'' | ' ' | '·' => 38,
        'f' | 'r' | 't' | '(' | ')' | '-' => 46,
        'm' | 'w' | 'M' | 'W' | '+' | '−' | '~' => 90,
        'A'..='Z' => 78,
        _ => 68,
    };
    text.chars().map(tenths).sum::<u32>().div_ceil(10)
}

fn escape(text: &str) -> String {
    text.chars().fold(String::new(), |mut safe, character| {
        match character {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            // XML has no way to write them.
            control if control.is_control() => safe.push(' '),
            character => safe.push(character),
        }
        safe
    })
}
