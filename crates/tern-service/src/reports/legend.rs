//! What stands above every chart: its title, what it counts, and which fill means what.

use super::bars::Part;
use super::svg::{Anchor, Area, Fill, Font, Picture};

const EDGE: f64 = 28.0;
const BOX: f64 = 14.0;

/// Draws title, subtitle and legend, and says at which height the chart begins. The legend names what there is any of, in the
/// order in which `parts` first name it; where that is one thing only, and filled as everything is, there is none.
pub fn heading(picture: &mut Picture, title: &str, subtitle: &str, parts: impl Iterator<Item = Part>) -> f64 {
    let room = picture.width() - 2.0 * EDGE;
    let mut y = 18.0;
    for line in Font::TITLE.lines(title, room) {
        y += 22.0;
        picture.text(EDGE, y, Anchor::Start, Font::TITLE, &line);
    }
    y += 4.0;
    for line in Font::SMALL.lines(subtitle, room) {
        y += 17.0;
        picture.text(EDGE, y, Anchor::Start, Font::SMALL, &line);
    }
    let mut known: Vec<Part> = Vec::new();
    for part in parts {
        match known.iter_mut().find(|k| (k.fill, k.words) == (part.fill, part.words)) {
            Some(same) => same.count += part.count,
            None => known.push(part),
        }
    }
    known.retain(|part| part.count > 0);
    if known.iter().all(|part| part.fill == Fill::Solid) && known.len() < 2 {
        return y + 20.0;
    }
    entries(picture, &known, y + 16.0) + 20.0
}

/// Draws the boxes with their words, and says where the last line of them ends.
fn entries(picture: &mut Picture, known: &[Part], mut y: f64) -> f64 {
    let (mut x, room) = (EDGE, picture.width() - EDGE);
    for Part { fill, words, .. } in known {
        let width = BOX + 6.0 + Font::PLAIN.width(words) + 18.0;
        if x + width > room && x > EDGE {
            x = EDGE;
            y += 22.0;
        }
        picture.area(Area { x, y, width: BOX, height: BOX }, *fill, words);
        picture.text(x + BOX + 6.0, y + 12.0, Anchor::Start, Font::PLAIN, words);
        x += width;
    }
    y + BOX
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_thing_alone_is_named_where_it_is_not_filled_as_everything_is() {
        let drawn = |fill| {
            let mut picture = Picture::new("one", 400.0);
            let y = heading(&mut picture, "Title", "", [Part { fill, words: "waits", count: 2 }].into_iter());
            picture.finish(y, "Title", "")
        };
        assert!(drawn(Fill::Slanted).contains(">waits<"));
        assert!(!drawn(Fill::Solid).contains(">waits<"));
    }
}
