//! Horizontal bars, one below the other: so many of each, split or not. The numbers stand beside every bar.

use super::legend;
use super::svg::{Anchor, Area, FAINT, Fill, Font, Picture, thousands};

/// A part of a bar.
#[derive(Debug, Clone)]
pub struct Part {
    /// What it stands for.
    pub fill: Fill,
    /// In words.
    pub words: &'static str,
    /// How many.
    pub count: u64,
}

/// One bar.
#[derive(Debug, Clone)]
pub struct Bar {
    /// What is counted.
    pub label: String,
    /// More about it, below the label; may be empty.
    pub note: String,
    /// From the left.
    pub parts: Vec<Part>,
}

/// A picture of bars.
#[derive(Debug, Clone)]
pub struct Bars {
    /// The file's name without its ending.
    pub name: &'static str,
    /// What it shows.
    pub title: String,
    /// Of which time and what is counted.
    pub subtitle: String,
    /// What one is called, for example `installation`.
    pub unit: &'static str,
    /// From the top. More than [`BARS_MAX`] are not drawn: their sum is told.
    pub bars: Vec<Bar>,
}

/// So many bars are drawn.
pub const BARS_MAX: usize = 40;

const WIDTH: f64 = 960.0;
const EDGE: f64 = 28.0;
/// The widest column of labels.
const LABEL_MAX: f64 = 330.0;
/// For the number behind a bar.
const NUMBER: f64 = 92.0;
const BAR: f64 = 20.0;

impl Bar {
    /// How many in all.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.parts.iter().map(|p| p.count).sum()
    }

    /// What there is of each part.
    fn numbers(&self) -> String {
        let some = self.parts.iter().filter(|p| p.count > 0);
        some.map(|p| format!("{} {}", thousands(p.count), p.words)).collect::<Vec<_>>().join(", ")
    }

    fn told(&self) -> String {
        let numbers = self.numbers();
        format!("{}: {}", self.label, if numbers.is_empty() { "none" } else { &numbers })
    }
}

impl Bars {
    /// The picture.
    #[must_use]
    pub fn draw(&self) -> String {
        let mut picture = Picture::new(self.name, WIDTH);
        // A bar of one part says what it is beside it.
        let split = self.bars.iter().filter(|b| b.parts.len() > 1).flat_map(|b| b.parts.iter().cloned());
        let mut y = legend::heading(&mut picture, &self.title, &self.subtitle, split);
        let drawn = &self.bars[..self.bars.len().min(BARS_MAX)];
        let label = drawn.iter().map(|b| Font::PLAIN.width(&b.label).max(Font::SMALL.width(&b.note)));
        let label = label.fold(60.0, f64::max).min(LABEL_MAX);
        let most = self.bars.iter().map(Bar::total).max().unwrap_or(0).max(1);
        for bar in drawn {
            y = draw_bar(&mut picture, bar, y, label, most);
        }
        if drawn.is_empty() {
            picture.text(EDGE, y + 18.0, Anchor::Start, Font::PLAIN, "There is nothing to show.");
            y += 34.0;
        }
        let left_out = self.bars.get(BARS_MAX..).unwrap_or_default();
        if !left_out.is_empty() {
            let sum: u64 = left_out.iter().map(Bar::total).sum();
            let told = format!("and {} more with {} in all: see {}.csv", left_out.len(), self.counted(sum), self.name);
            picture.text(EDGE, y + 16.0, Anchor::Start, Font::SMALL, &told);
            y += 28.0;
        }
        picture.finish(y + 12.0, &self.title, &self.description(left_out.len()))
    }

    fn counted(&self, count: u64) -> String {
        format!("{} {}{}", thousands(count), self.unit, if count == 1 { "" } else { "s" })
    }

    fn description(&self, left_out: usize) -> String {
        let told: Vec<_> = self.bars.iter().take(BARS_MAX).map(Bar::told).collect();
        let rest = if left_out > 0 { format!(" {left_out} more are in the table.") } else { String::new() };
        format!("{} {}.{rest}", self.subtitle, if told.is_empty() { "Nothing".to_owned() } else { told.join("; ") })
    }
}

/// Draws a bar at a height, and says at which the next begins.
fn draw_bar(picture: &mut Picture, bar: &Bar, y: f64, label: f64, most: u64) -> f64 {
    let left = EDGE + label + 14.0;
    let room = WIDTH - left - NUMBER - EDGE;
    let length = |count: u64| share(count, most) * room;
    picture.text(EDGE, y + 15.0, Anchor::Start, Font::PLAIN, &Font::PLAIN.fitted(&bar.label, label));
    picture.line(&[(left, y - 3.0), (left, y + BAR + 3.0)], FAINT, 1.0, "");
    let mut x = left;
    let mut unlabelled = false;
    for part in bar.parts.iter().filter(|p| p.count > 0) {
        let width = length(part.count).max(2.0);
        let told = format!("{}: {} {}", bar.label, part.count, part.words);
        picture.area(Area { x, y, width, height: BAR }, part.fill, &told);
        let number = thousands(part.count);
        if bar.parts.len() > 1 && part.count < bar.total() {
            if width >= Font::TINY.width(&number) + 6.0 {
                picture.text(x + width / 2.0, y + 14.0, Anchor::Middle, Font::TINY, &number);
            } else {
                unlabelled = true;
            }
        }
        x += width;
    }
    picture.text(x + 8.0, y + 15.0, Anchor::Start, Font::STRONG, &thousands(bar.total()));
    if !bar.note.is_empty() {
        picture.text(EDGE, y + 31.0, Anchor::Start, Font::SMALL, &Font::SMALL.fitted(&bar.note, label));
    }
    if unlabelled {
        let told = Font::TINY.fitted(&bar.numbers(), WIDTH - EDGE - left);
        picture.text(left, y + BAR + 13.0, Anchor::Start, Font { ink: FAINT, ..Font::TINY }, &told);
    }
    if bar.note.is_empty() && !unlabelled { y + BAR + 10.0 } else { y + BAR + 24.0 }
}

/// A part of the whole, from 0 to 1.
#[expect(clippy::cast_precision_loss, reason = "a length needs no more than a pixel")]
pub fn share(count: u64, whole: u64) -> f64 {
    count as f64 / whole.max(1) as f64
}
