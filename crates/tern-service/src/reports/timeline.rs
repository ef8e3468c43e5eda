//! Two panels over one time: what ended in each period as split columns, and above it how far all has come.

use super::bars::{Part, share};
use super::svg::{Anchor, Area, FAINT, Font, INK, Picture, RULE, thousands};
use super::{legend, single};

/// One period: a day or a week.
#[derive(Debug, Clone)]
pub struct Slot {
    /// Below its column, for example `21 Nov`.
    pub label: String,
    /// In full, for whoever points at it or has it read out.
    pub full: String,
    /// From the bottom.
    pub parts: Vec<Part>,
    /// How many are commissioned by its end.
    pub done: u64,
    /// How many are known by its end.
    pub known: u64,
}

/// The picture.
#[derive(Debug, Clone)]
pub struct Timeline {
    /// The file's name without its ending.
    pub name: &'static str,
    /// What it shows.
    pub title: String,
    /// Of which time and what is counted.
    pub subtitle: String,
    /// In order. Of more than [`SLOTS_MAX`] the last are drawn, and it is said that there are earlier ones.
    pub slots: Vec<Slot>,
    /// What is called how.
    pub words: Words,
}

/// What a timeline calls what it shows.
#[derive(Debug, Clone, Copy)]
pub struct Words {
    /// What those are that are done, for example `commissioned`.
    pub done: &'static str,
    /// What the columns are.
    pub ends: &'static str,
}

/// So many periods are drawn.
pub const SLOTS_MAX: usize = 60;

/// Of more than so many, only the lines are drawn, and no mark for each.
const SLOTS_MARKED: usize = 31;

const WIDTH: f64 = 960.0;
const LEFT: f64 = 84.0;
const RIGHT: f64 = 196.0;
const PROGRESS: f64 = 130.0;
const COLUMNS: f64 = 230.0;
/// A column is never wider, so that a single day is no wall.
const SLOT_MAX: f64 = 110.0;
/// The lines of progress: dark enough to be read as lines, and dashed where they are not the main one.
const DONE: &str = "#1f7a54";

/// Where a panel stands and what its top means.
struct Panel {
    top: f64,
    height: f64,
    most: u64,
}

impl Panel {
    fn y(&self, count: u64) -> f64 {
        self.top + self.height * (1.0 - share(count, self.most))
    }
}

impl Timeline {
    /// The picture.
    #[must_use]
    pub fn draw(&self) -> String {
        let slots = &self.slots[self.slots.len().saturating_sub(SLOTS_MAX)..];
        let mut picture = Picture::new(self.name, WIDTH);
        let mut subtitle = self.subtitle.clone();
        if slots.len() < self.slots.len() {
            let left = self.slots.len() - slots.len();
            subtitle.push_str(&format!(" {left} earlier ones are not drawn: see {}.csv.", self.name));
        }
        // The bars of a single period are named where they stand.
        let parts = slots.iter().filter(|_| slots.len() > 1).flat_map(|s| s.parts.iter().cloned());
        let top = legend::heading(&mut picture, &self.title, &subtitle, parts);
        if slots.is_empty() {
            picture.text(28.0, top + 14.0, Anchor::Start, Font::PLAIN, "There is nothing to show.");
            return picture.finish(top + 40.0, &self.title, &subtitle);
        }
        if let [slot] = slots {
            let below = single::draw(&mut picture, slot, self.words, top);
            return picture.finish(below + 8.0, &self.title, &description(&subtitle, slots, self.words.done));
        }
        let known = slots.iter().map(|s| s.known.max(s.done)).max().unwrap_or(0);
        let words = self.words;
        let progress = Panel { top: top + 26.0, height: PROGRESS, most: ceiling(known) };
        let most = slots.iter().map(Slot::total).max().unwrap_or(0);
        let columns = Panel { top: progress.top + PROGRESS + 68.0, height: COLUMNS, most: ceiling(most) };
        let step = ((WIDTH - LEFT - RIGHT) / count(slots.len())).min(SLOT_MAX);
        frame(&mut picture, &progress, "installations, all so far");
        draw_progress(&mut picture, &progress, (slots, words.done), step);
        frame(&mut picture, &columns, words.ends);
        for (at, slot) in slots.iter().enumerate() {
            draw_column(&mut picture, &columns, slot, LEFT + step * count(at), step);
        }
        let below = draw_labels(&mut picture, columns.top + COLUMNS, slots, step);
        picture.finish(below + 14.0, &self.title, &description(&subtitle, slots, self.words.done))
    }
}

impl Slot {
    fn total(&self) -> u64 {
        self.parts.iter().map(|p| p.count).sum()
    }
}

/// A panel's name, its lines and their numbers.
fn frame(picture: &mut Picture, panel: &Panel, name: &str) {
    picture.text(28.0, panel.top - 24.0, Anchor::Start, Font::SMALL, name);
    for part in 0..=2_u64 {
        let value = panel.most * part / 2;
        if part == 1 && panel.most % 2 == 1 {
            continue;
        }
        let y = panel.y(value);
        picture.line(&[(LEFT, y), (WIDTH - RIGHT, y)], if part == 0 { FAINT } else { RULE }, 1.0, "");
        picture.text(LEFT - 8.0, y + 4.0, Anchor::End, Font::SMALL, &thousands(value));
    }
}

fn draw_progress(picture: &mut Picture, panel: &Panel, (slots, word): (&[Slot], &str), step: f64) {
    let middle = |at: usize| LEFT + step * (count(at) + 0.5);
    let line = |of: fn(&Slot) -> u64| -> Vec<(f64, f64)> {
        slots.iter().enumerate().map(|(at, s)| (middle(at), panel.y(of(s)))).collect()
    };
    let (known, done) = (line(|s| s.known), line(|s| s.done));
    picture.line(&known, FAINT, 1.6, "5 4");
    picture.line(&done, DONE, 2.4, "");
    let marked = if slots.len() > SLOTS_MARKED { &[] } else { slots };
    for (slot, (known, done)) in marked.iter().zip(known.iter().zip(&done)) {
        picture.point(known.0, known.1, FAINT, &format!("{}: {} known", slot.full, slot.known));
        picture.point(done.0, done.1, DONE, &format!("{}: {} {word}", slot.full, slot.done));
    }
    let (Some(last), Some(known), Some(done)) = (slots.last(), known.last(), done.last()) else { return };
    let x = known.0 + 12.0;
    // The two labels never stand on each other.
    let (upper, lower) = (known.1.min(done.1), (done.1).max(known.1 + 17.0));
    picture.text(x, upper + 4.0, Anchor::Start, Font::PLAIN, &format!("{} known", thousands(last.known)));
    let font = Font { ink: DONE, ..Font::STRONG };
    let percent = 100.0 * share(last.done, last.known);
    let told = format!("{} {word}", thousands(last.done));
    let room = WIDTH - x - 6.0;
    picture.text(x, lower + 4.0, Anchor::Start, font, &font.fitted(&told, room));
    picture.text(x, lower + 20.0, Anchor::Start, Font::SMALL, &format!("{percent:.1} % of all known"));
}

fn draw_column(picture: &mut Picture, panel: &Panel, slot: &Slot, x: f64, step: f64) {
    let gap = (step * 0.14).clamp(0.5, 10.0);
    let (x, width) = (x + gap, step - 2.0 * gap);
    let floor = panel.top + panel.height;
    let mut y = floor;
    for part in slot.parts.iter().filter(|p| p.count > 0) {
        let height = (share(part.count, panel.most) * panel.height).max(1.5);
        y -= height;
        let told = format!("{}: {} {}", slot.full, part.count, part.words);
        picture.area(Area { x, y, width, height }, part.fill, &told);
        let number = thousands(part.count);
        if height >= 14.0 && width >= Font::TINY.width(&number) + 4.0 {
            picture.text(x + width / 2.0, y + height / 2.0 + 4.0, Anchor::Middle, Font::TINY, &number);
        }
    }
    let total = thousands(slot.total());
    if slot.total() > 0 && step >= Font::TINY.width(&total) {
        let font = Font { size: Font::TINY.size, ..Font::STRONG };
        picture.text(x + width / 2.0, y - 5.0, Anchor::Middle, font, &total);
    }
}

/// The labels below the columns, as many as there is room for, and where they end.
fn draw_labels(picture: &mut Picture, floor: f64, slots: &[Slot], step: f64) -> f64 {
    let widest = slots.iter().map(|s| Font::SMALL.width(&s.label)).fold(0.0, f64::max) + 10.0;
    let mut free = 0.0;
    for (at, slot) in slots.iter().enumerate() {
        let x = LEFT + step * (count(at) + 0.5);
        if x - widest / 2.0 >= free {
            picture.line(&[(x, floor), (x, floor + 4.0)], INK, 1.0, "");
            picture.text(x, floor + 19.0, Anchor::Middle, Font::SMALL, &slot.label);
            free = x + widest / 2.0;
        }
    }
    floor + 22.0
}

fn description(subtitle: &str, slots: &[Slot], word: &str) -> String {
    let told = |slot: &Slot| {
        let parts: Vec<_> =
            slot.parts.iter().filter(|p| p.count > 0).map(|p| format!("{} {}", p.count, p.words)).collect();
        let ended = if parts.is_empty() { "nothing".to_owned() } else { parts.join(", ") };
        format!("{}: {ended}; {} of {} {word} so far", slot.full, slot.done, slot.known)
    };
    format!("{subtitle} {}.", slots.iter().map(told).collect::<Vec<_>>().join(". "))
}

/// The next round number at or above.
fn ceiling(most: u64) -> u64 {
    if let Some(small) = [1, 2, 3, 4, 5, 6, 8].into_iter().find(|round| *round >= most) {
        return small;
    }
    let mut unit = 1_u64;
    loop {
        for round in [10, 12, 15, 20, 25, 30, 40, 50, 60, 80].map(|n| unit.saturating_mul(n)) {
            if round >= most {
                return round;
            }
        }
        unit = unit.saturating_mul(10);
    }
}

#[expect(clippy::cast_precision_loss, reason = "there are at most a few dozen columns")]
fn count(slots: usize) -> f64 {
    slots as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panel_ends_at_a_round_number() {
        assert_eq!([0, 1, 3, 7, 11, 41, 999, 1001, 45_000].map(ceiling), [1, 1, 3, 8, 12, 50, 1000, 1200, 50_000]);
        assert_eq!(ceiling(u64::MAX), u64::MAX);
    }
}
