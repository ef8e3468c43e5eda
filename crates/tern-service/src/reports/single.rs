//! One period alone: what columns over time cannot show of it, as shares of a whole and bars side by side.

use super::bars::share;
use super::svg::{Anchor, Area, FAINT, Fill, Font, INK, Picture, thousands};
use super::timeline::{Slot, Words};

const EDGE: f64 = 28.0;
/// For the name of an end.
const LABEL: f64 = 130.0;
/// For the numbers behind a bar.
const NUMBERS: f64 = 150.0;
const BAR: f64 = 26.0;
const STEP: f64 = 36.0;

/// Draws a period from a height on, and says where it ends.
pub fn draw(picture: &mut Picture, slot: &Slot, words: Words, top: f64) -> f64 {
    let y = draw_so_far(picture, slot, words.done, top + 10.0);
    draw_ends(picture, slot, words.ends, y + 34.0)
}

/// How many of all that are known are done, as a part of one bar.
fn draw_so_far(picture: &mut Picture, slot: &Slot, word: &str, top: f64) -> f64 {
    let room = picture.width() - 2.0 * EDGE;
    picture.text(EDGE, top + 6.0, Anchor::Start, Font::SMALL, "installations, all so far");
    let percent = format!("{:.1} %", 100.0 * share(slot.done, slot.known));
    let large = Font { size: 34.0, ..Font::STRONG };
    picture.text(EDGE, top + 46.0, Anchor::Start, large, &percent);
    let told = format!("{} of {} known are {word}", thousands(slot.done), thousands(slot.known));
    picture.text(EDGE + large.width(&percent) + 14.0, top + 46.0, Anchor::Start, Font::PLAIN, &told);
    let bar = Area { x: EDGE, y: top + 60.0, width: room, height: BAR };
    picture.area(bar, Fill::Hollow, &format!("{}: {} known", slot.full, slot.known));
    let done = Area { width: room * share(slot.done, slot.known), ..bar };
    if slot.done > 0 {
        picture.area(done, Fill::Solid, &format!("{}: {} {word}", slot.full, slot.done));
    }
    bar.y + BAR
}

/// What ended in the period, a bar for each way.
fn draw_ends(picture: &mut Picture, slot: &Slot, words: &str, top: f64) -> f64 {
    let title = format!("{}: {words}", slot.full);
    picture.text(EDGE, top + 6.0, Anchor::Start, Font::SMALL, &title);
    let total: u64 = slot.parts.iter().map(|part| part.count).sum();
    let (left, room) = (EDGE + LABEL, picture.width() - 2.0 * EDGE - LABEL - NUMBERS);
    let (first, ends) = (top + 22.0, slot.parts.iter().filter(|part| part.count > 0));
    let mut y = first;
    for part in ends {
        let width = (share(part.count, total) * room).max(2.0);
        picture.text(EDGE, y + 18.0, Anchor::Start, Font::PLAIN, part.words);
        let told = format!("{}: {} {}", slot.full, part.count, part.words);
        picture.area(Area { x: left, y, width, height: BAR }, part.fill, &told);
        let number = thousands(part.count);
        picture.text(left + width + 10.0, y + 18.0, Anchor::Start, Font::STRONG, &number);
        let behind = left + width + 20.0 + Font::STRONG.width(&number);
        let percent = format!("{:.1} %", 100.0 * share(part.count, total));
        picture.text(behind, y + 18.0, Anchor::Start, Font { ink: FAINT, ..Font::PLAIN }, &percent);
        y += STEP;
    }
    if total == 0 {
        picture.text(EDGE, y + 18.0, Anchor::Start, Font::PLAIN, "nothing");
        return y + STEP;
    }
    picture.line(&[(left, first - 4.0), (left, y - 4.0)], INK, 1.0, "");
    y
}
