//! A picture as SVG text, drawn by us: one file, no script, no font and nothing from elsewhere.
//!
//! Text is dark on light. Every fill has a lightness and a pattern of its own, so that no colour is needed to tell one from
//! another. This module must never put a caller's text into the file unescaped.

use std::fmt::Write as _;

/// What an area stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fill {
    /// Done; also whatever needs no other.
    Solid,
    /// Slanted lines.
    Slanted,
    /// Lines slanted the other way.
    Backslanted,
    /// Crossed lines.
    Crossed,
    /// Dots.
    Dotted,
    /// Level lines.
    Barred,
    /// Level and upright lines.
    Checked,
    /// White with an outline.
    Hollow,
}

impl Fill {
    const ALL: [Fill; 8] = [
        Fill::Solid,
        Fill::Slanted,
        Fill::Backslanted,
        Fill::Crossed,
        Fill::Dotted,
        Fill::Barred,
        Fill::Checked,
        Fill::Hollow,
    ];

    fn id(self) -> &'static str {
        match self {
            Fill::Solid => "solid",
            Fill::Slanted => "slanted",
            Fill::Backslanted => "backslanted",
            Fill::Crossed => "crossed",
            Fill::Dotted => "dotted",
            Fill::Barred => "barred",
            Fill::Checked => "checked",
            Fill::Hollow => "hollow",
        }
    }

    /// Ground and pattern: dark text keeps a contrast above 7 to 1 on each ground.
    fn colours(self) -> (&'static str, &'static str) {
        match self {
            Fill::Solid => ("#8fd3b6", "#8fd3b6"),
            Fill::Slanted => ("#f6d98b", "#e3b84a"),
            Fill::Backslanted => ("#b9d3f0", "#8db4e2"),
            Fill::Crossed => ("#f3b0a8", "#de7f73"),
            Fill::Dotted => ("#d9dce1", "#a9afb9"),
            Fill::Barred => ("#dccdea", "#b79fd0"),
            Fill::Checked => ("#f0dcc8", "#c99a6a"),
            Fill::Hollow => ("#ffffff", "#ffffff"),
        }
    }

    fn pattern(self) -> &'static str {
        match self {
            Fill::Solid | Fill::Hollow => "",
            Fill::Slanted => "M-2,2L2,-2M0,8L8,0M6,10L10,6",
            Fill::Backslanted => "M-2,6L2,10M0,0L8,8M6,-2L10,2",
            Fill::Crossed => "M0,0L8,8M8,0L0,8",
            Fill::Dotted => "M2,2h1.6M6,6h1.6",
            Fill::Barred => "M0,2h8M0,6h8",
            Fill::Checked => "M0,4h8M4,0v8",
        }
    }
}

/// Where a text stands by its point.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Anchor {
    /// It begins there.
    Start,
    /// Its middle is there.
    Middle,
    /// It ends there.
    End,
}

/// How a text is set.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Font {
    /// In pixels.
    pub size: f64,
    /// 400 or 600.
    pub weight: u16,
    /// The colour.
    pub ink: &'static str,
}

/// Dark ink, for what is to be read.
pub const INK: &str = "#1c2530";
/// Ink for what explains; still above 7 to 1 on white.
pub const FAINT: &str = "#4a5561";
/// Lines that only guide the eye.
pub const RULE: &str = "#e3e6ea";
/// Outlines of areas.
const OUTLINE: &str = "#5b6672";

impl Font {
    /// A picture's title.
    pub const TITLE: Font = Font { size: 19.0, weight: 600, ink: INK };
    /// What is read first.
    pub const STRONG: Font = Font { size: 13.0, weight: 600, ink: INK };
    /// Labels and numbers.
    pub const PLAIN: Font = Font { size: 13.0, weight: 400, ink: INK };
    /// What explains.
    pub const SMALL: Font = Font { size: 12.0, weight: 400, ink: FAINT };
    /// Numbers inside areas.
    pub const TINY: Font = Font { size: 11.0, weight: 400, ink: INK };

    /// How wide a text will be about, in pixels; rather too much than too little, for the reader's font is not known.
    #[must_use]
    pub fn width(self, text: &str) -> f64 {
        let em = |c: char| match c {
            'i' | 'j' | 'l' | '.' | ',' | ':' | ';' | '\'' | '|' | '!' | ' ' => 0.33,
            'f' | 'r' | 't' | '(' | ')' | '-' => 0.42,
            'm' | 'w' | 'M' | 'W' | '%' => 0.95,
            'A'..='Z' => 0.7,
            c if c.is_ascii() || c.is_lowercase() => 0.62,
            _ => 1.0,
        };
        let bold = if self.weight > 400 { 1.08 } else { 1.0 };
        text.chars().map(em).sum::<f64>() * self.size * bold
    }

    /// The text, cut off with `…` where it is wider than there is room for.
    #[must_use]
    pub fn fitted(self, text: &str, room: f64) -> String {
        if self.width(text) <= room {
            return text.to_owned();
        }
        let mut cut = String::new();
        for c in text.chars() {
            if self.width(&cut) + self.width(&format!("{c}…")) > room {
                break;
            }
            cut.push(c);
        }
        format!("{}…", cut.trim_end())
    }

    /// The text in lines that fit; words are never broken.
    #[must_use]
    pub fn lines(self, text: &str, room: f64) -> Vec<String> {
        let mut lines = vec![String::new()];
        for word in text.split_whitespace() {
            let line = lines.last_mut().expect("there is always one line");
            if line.is_empty() {
                line.push_str(word);
            } else if self.width(line) + self.width(" ") + self.width(word) <= room {
                line.push(' ');
                line.push_str(word);
            } else {
                lines.push(word.to_owned());
            }
        }
        lines
    }
}

/// An area's place: left, top, width and height in pixels.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Area {
    /// Left edge.
    pub x: f64,
    /// Upper edge.
    pub y: f64,
    /// To the right.
    pub width: f64,
    /// Downwards.
    pub height: f64,
}

/// A picture in the making.
#[derive(Debug)]
pub struct Picture {
    name: String,
    width: f64,
    body: String,
}

impl Picture {
    /// An empty picture; `name` is its file's, and keeps its ids apart from other pictures' on one page.
    #[must_use]
    pub fn new(name: &str, width: f64) -> Picture {
        Picture { name: name.to_owned(), width, body: String::new() }
    }

    /// Its width in pixels.
    #[must_use]
    pub fn width(&self) -> f64 {
        self.width
    }

    /// Sets a text.
    pub fn text(&mut self, x: f64, y: f64, anchor: Anchor, font: Font, text: &str) {
        let anchor = match anchor {
            Anchor::Start => "",
            Anchor::Middle => " text-anchor=\"middle\"",
            Anchor::End => " text-anchor=\"end\"",
        };
        let weight = if font.weight > 400 { format!(" font-weight=\"{}\"", font.weight) } else { String::new() };
        let _ = writeln!(
            self.body,
            "<text x=\"{}\" y=\"{}\" font-size=\"{}\"{weight} fill=\"{}\"{anchor}>{}</text>",
            shown(x),
            shown(y),
            shown(font.size),
            font.ink,
            escaped(text)
        );
    }

    /// Fills an area; `told` is what a pointer over it is told.
    pub fn area(&mut self, area: Area, fill: Fill, told: &str) {
        let paint = match fill {
            Fill::Solid | Fill::Hollow => fill.colours().0.to_owned(),
            patterned => format!("url(#{}-{})", self.name, patterned.id()),
        };
        let _ = writeln!(
            self.body,
            "<rect x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" fill=\"{paint}\" stroke=\"{OUTLINE}\" \
             stroke-width=\"0.8\"><title>{}</title></rect>",
            shown(area.x),
            shown(area.y),
            shown(area.width.max(0.5)),
            shown(area.height.max(0.5)),
            escaped(told)
        );
    }

    /// Lays a ground without an outline, for what is drawn upon it.
    pub fn ground(&mut self, area: Area, colour: &str) {
        let _ = writeln!(
            self.body,
            "<rect x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" fill=\"{colour}\"/>",
            shown(area.x),
            shown(area.y),
            shown(area.width),
            shown(area.height)
        );
    }

    /// Draws a line through points.
    pub fn line(&mut self, points: &[(f64, f64)], colour: &str, thick: f64, dashes: &str) {
        let through: Vec<_> = points.iter().map(|(x, y)| format!("{},{}", shown(*x), shown(*y))).collect();
        let dashes = if dashes.is_empty() { String::new() } else { format!(" stroke-dasharray=\"{dashes}\"") };
        let _ = writeln!(
            self.body,
            "<polyline points=\"{}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"{}\"{dashes}/>",
            through.join(" "),
            shown(thick)
        );
    }

    /// Marks a point.
    pub fn point(&mut self, x: f64, y: f64, colour: &str, told: &str) {
        let _ = writeln!(
            self.body,
            "<circle cx=\"{}\" cy=\"{}\" r=\"3\" fill=\"{colour}\"><title>{}</title></circle>",
            shown(x),
            shown(y),
            escaped(told)
        );
    }

    /// The file's text. Title and description are what is read out to those who do not see it.
    #[must_use]
    pub fn finish(self, height: f64, title: &str, description: &str) -> String {
        let Picture { name, width, body } = self;
        let patterns: String = Fill::ALL
            .into_iter()
            .filter(|fill| body.contains(&format!("url(#{name}-{})", fill.id())))
            .map(|fill| pattern(&name, fill))
            .collect();
        let (width, height) = (shown(width), shown(height));
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" \
             viewBox=\"0 0 {width} {height}\" font-family=\"system-ui, 'Segoe UI', 'DejaVu Sans', sans-serif\" \
             role=\"img\" aria-labelledby=\"{name}-title {name}-desc\">\n\
             <title id=\"{name}-title\">{}</title>\n<desc id=\"{name}-desc\">{}</desc>\n\
             <defs>\n{patterns}</defs>\n<rect width=\"{width}\" height=\"{height}\" fill=\"#ffffff\"/>\n{body}</svg>\n",
            escaped(title),
            escaped(description)
        )
    }
}

fn pattern(name: &str, fill: Fill) -> String {
    let (ground, ink) = fill.colours();
    format!(
        "<pattern id=\"{name}-{}\" width=\"8\" height=\"8\" patternUnits=\"userSpaceOnUse\">\
         <rect width=\"8\" height=\"8\" fill=\"{ground}\"/><path d=\"{}\" stroke=\"{ink}\" stroke-width=\"1.4\" \
         fill=\"none\"/></pattern>\n",
        fill.id(),
        fill.pattern()
    )
}

/// A number of pixels with at most one decimal: the same on every machine.
fn shown(pixels: f64) -> String {
    let text = format!("{pixels:.1}");
    text.strip_suffix(".0").map_or(text.clone(), str::to_owned)
}

/// Text for a file of XML 1.0, which cannot hold every character.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\t' | '\n' | '\r' => out.push(' '),
            '\u{0}'..='\u{1f}' | '\u{7f}'..='\u{9f}' | '\u{fffe}' | '\u{ffff}' => out.push('\u{fffd}'),
            // Marks that turn the direction of what follows would let one text rewrite its neighbours.
            '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => out.push('\u{fffd}'),
            c => out.push(c),
        }
    }
    out
}

/// A count with thousands told apart: `12,345`.
#[must_use]
pub fn thousands(count: u64) -> String {
    let digits = count.to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_cannot_become_markup() {
        let mut picture = Picture::new("p", 100.0);
        picture.text(1.0, 2.25, Anchor::Start, Font::PLAIN, "<a href=\"x\">&\u{1}\u{202e}</a>");
        let text = picture.finish(50.0, "a < b", "c & d");
        let read = text.replace("xmlns", "").matches("<a").count();
        assert_eq!(read, 0, "{text}");
        assert!(text.contains("&lt;a href=&quot;x&quot;&gt;&amp;\u{fffd}\u{fffd}&lt;/a&gt;"), "{text}");
        assert!(text.contains(">a &lt; b</title>") && text.contains(">c &amp; d</desc>"), "{text}");
    }

    #[test]
    fn what_is_too_wide_is_cut_and_what_fits_is_not() {
        assert_eq!(Font::PLAIN.fitted("short", 200.0), "short");
        let cut = Font::PLAIN.fitted("a name that goes on and on and on", 100.0);
        assert!(cut.ends_with('…') && Font::PLAIN.width(&cut) <= 110.0, "{cut}");
        assert_eq!(Font::PLAIN.lines("one two three", 40.0), ["one", "two", "three"]);
    }
}
