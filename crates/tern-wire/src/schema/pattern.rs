//! The subset of XML Schema's regular expressions that the descriptions use.
//!
//! ASCII characters, `\` before one, `[classes]` with ranges, `(groups | of alternatives)`, and after any of them `?`, `*`, `+`,
//! `{n}` or `{n,m}`. The matcher walks the expression once with the set of all positions reached so far, so that its time is
//! bounded by expression times text and its depth by the expression alone. It compares bytes: no expression matches a
//! character that is not ASCII.

use std::cell::RefCell;

/// Whether the whole text matches.
pub(crate) fn matches(pattern: &'static str, text: &str) -> bool {
    READ.with_borrow_mut(|read| {
        let known = read.iter().position(|(of, _)| std::ptr::eq(*of, pattern));
        let known = known.unwrap_or_else(|| {
            read.push((pattern, Item::alternatives(pattern.as_bytes())));
            read.len() - 1
        });
        let (alternatives, text) = (&read[known].1, text.as_bytes());
        // Nearly every text is short; the two kinds of set differ in nothing but what they can hold and cost.
        if text.len() < Few::POSITIONS {
            any(alternatives, text, &Few::of(0)).contains(text.len())
        } else {
            any(alternatives, text, &Many::of(0)).contains(text.len())
        }
    })
}

thread_local! {
    /// The expressions that were used so far: the descriptions hold a dozen.
    static READ: RefCell<Vec<(&'static str, Alternatives)>> = const { RefCell::new(Vec::new()) };
}

/// An expression that was read.
type Alternatives = Vec<Vec<Item>>;

/// A part of an expression, so many times.
struct Item {
    what: What,
    min: usize,
    max: usize,
}

enum What {
    /// One of these ASCII characters, a bit each.
    Character(u128),
    /// One of these sequences.
    Group(Alternatives),
}

impl Item {
    fn alternatives(mut pattern: &[u8]) -> Alternatives {
        let mut alternatives = Vec::new();
        while let Some(bar) = top_level_bar(pattern) {
            alternatives.push(Item::sequence(&pattern[..bar]));
            pattern = &pattern[bar + 1..];
        }
        alternatives.push(Item::sequence(pattern));
        alternatives
    }

    fn sequence(mut pattern: &[u8]) -> Vec<Item> {
        let mut items = Vec::new();
        while !pattern.is_empty() {
            let (atom, tail) = pattern.split_at(atom_length(pattern));
            let (min, max, quantifier_length) = quantifier(tail);
            let what = match atom[0] {
                b'(' => What::Group(Item::alternatives(&atom[1..atom.len() - 1])),
                _ => What::Character((0..128).filter(|c| fits(atom, *c)).fold(0, |set, c| set | 1 << c)),
            };
            items.push(Item { what, min, max });
            pattern = &tail[quantifier_length..];
        }
        items
    }
}

/// A set of positions in a text.
trait Positions: Clone + Default {
    fn of(position: usize) -> Self;
    fn contains(&self, position: usize) -> bool;
    fn is_empty(&self) -> bool;
    fn each(&self, visit: impl FnMut(usize));
    fn add(&mut self, positions: std::ops::RangeInclusive<usize>);
    fn join(&mut self, other: &Self);
    /// Called once after additions, before the set is read.
    fn settle(&mut self);
}

/// Positions in a short text, a bit each.
#[derive(Clone, Copy, Default)]
struct Few(u128);

impl Few {
    const POSITIONS: usize = u128::BITS as usize;
}

impl Positions for Few {
    fn of(position: usize) -> Few {
        Few(1 << position)
    }

    fn contains(&self, position: usize) -> bool {
        self.0 >> position & 1 == 1
    }

    fn is_empty(&self) -> bool {
        self.0 == 0
    }

    fn each(&self, mut visit: impl FnMut(usize)) {
        let mut rest = self.0;
        while rest != 0 {
            visit(rest.trailing_zeros() as usize);
            rest &= rest - 1;
        }
    }

    fn add(&mut self, positions: std::ops::RangeInclusive<usize>) {
        if positions.start() <= positions.end() {
            self.0 |= (u128::MAX >> (Self::POSITIONS - 1 - positions.end())) & (u128::MAX << positions.start());
        }
    }

    fn join(&mut self, other: &Few) {
        self.0 |= other.0;
    }

    fn settle(&mut self) {}
}

/// Positions in a text of any length, ascending.
#[derive(Clone, Default)]
struct Many(Vec<usize>);

impl Positions for Many {
    fn of(position: usize) -> Many {
        Many(vec![position])
    }

    fn contains(&self, position: usize) -> bool {
        self.0.binary_search(&position).is_ok()
    }

    fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    fn each(&self, visit: impl FnMut(usize)) {
        self.0.iter().copied().for_each(visit);
    }

    fn add(&mut self, positions: std::ops::RangeInclusive<usize>) {
        self.0.extend(positions);
    }

    fn join(&mut self, other: &Many) {
        self.0.extend(&other.0);
    }

    fn settle(&mut self) {
        self.0.sort_unstable();
        self.0.dedup();
    }
}

/// Every position that some alternative reaches from some start.
fn any<P: Positions>(alternatives: &[Vec<Item>], text: &[u8], starts: &P) -> P {
    if let [only] = alternatives {
        return sequence(only, text, starts);
    }
    let mut reached = P::default();
    alternatives.iter().for_each(|items| reached.join(&sequence(items, text, starts)));
    reached.settle();
    reached
}

fn sequence<P: Positions>(items: &[Item], text: &[u8], starts: &P) -> P {
    let mut positions = starts.clone();
    for item in items {
        if positions.is_empty() {
            break;
        }
        positions = match &item.what {
            What::Group(group) => repeat_group(group, text, &positions, (item.min, item.max)),
            What::Character(set) => repeat_character(*set, text, &positions, (item.min, item.max)),
        };
    }
    positions
}

fn repeat_group<P: Positions>(group: &[Vec<Item>], text: &[u8], starts: &P, (min, max): (usize, usize)) -> P {
    let mut reached = if min == 0 { starts.clone() } else { P::default() };
    let mut current = starts.clone();
    for round in 1..=max {
        current = any(group, text, &current);
        if current.is_empty() {
            break;
        }
        if round == max && reached.is_empty() {
            return current;
        }
        if round >= min {
            reached.join(&current);
        }
    }
    reached.settle();
    reached
}

fn repeat_character<P: Positions>(set: u128, text: &[u8], starts: &P, (min, max): (usize, usize)) -> P {
    let mut reached = P::default();
    let fits = |c: &u8| c.is_ascii() && set >> *c & 1 == 1;
    starts.each(|start| {
        let longest = text[start..].iter().take(max).take_while(|c| fits(c)).count();
        reached.add(start + min..=start + longest);
    });
    reached.settle();
    reached
}

fn fits(atom: &[u8], c: u8) -> bool {
    match atom[0] {
        b'[' => {
            let mut class = &atom[1..atom.len() - 1];
            while let Some(first) = class.first() {
                if class.len() >= 3 && class[1] == b'-' {
                    if (*first..=class[2]).contains(&c) {
                        return true;
                    }
                    class = &class[3..];
                } else {
                    if *first == c {
                        return true;
                    }
                    class = &class[1..];
                }
            }
            false
        }
        b'\\' => atom[1] == c,
        literal => literal == c,
    }
}

/// Where the alternatives of a pattern are divided first, outside groups and classes.
fn top_level_bar(pattern: &[u8]) -> Option<usize> {
    let mut at = 0;
    while at < pattern.len() {
        if pattern[at] == b'|' {
            return Some(at);
        }
        at += atom_length(&pattern[at..]);
    }
    None
}

/// The length of the character, class or group that a non-empty pattern begins with.
fn atom_length(pattern: &[u8]) -> usize {
    match pattern[0] {
        b'\\' => 2,
        b'[' => pattern.iter().position(|c| *c == b']').map_or(pattern.len(), |at| at + 1),
        b'(' => {
            let mut at = 1;
            while at < pattern.len() && pattern[at] != b')' {
                at += atom_length(&pattern[at..]);
            }
            at + 1
        }
        _ => 1,
    }
}

/// Least, most and length of the quantifier that `tail` begins with; once and 0 where it begins with none.
fn quantifier(tail: &[u8]) -> (usize, usize, usize) {
    match tail.first() {
        Some(b'?') => (0, 1, 1),
        Some(b'*') => (0, usize::MAX, 1),
        Some(b'+') => (1, usize::MAX, 1),
        Some(b'{') => {
            let end = tail.iter().position(|c| *c == b'}').unwrap_or(tail.len() - 1);
            let mut numbers = tail[1..end].split(|c| *c == b',').map(number);
            let min = numbers.next().unwrap_or(0);
            (min, numbers.next().unwrap_or(min), end + 1)
        }
        _ => (1, 1, 0),
    }
}

fn number(digits: &[u8]) -> usize {
    digits.iter().fold(0, |sum, digit| sum * 10 + usize::from(digit.saturating_sub(b'0')))
}

#[cfg(test)]
mod tests {
    use super::matches;

    #[track_caller]
    fn check(pattern: &'static str, good: &[&str], bad: &[&str]) {
        good.iter().for_each(|text| assert!(matches(pattern, text), "{text} matches {pattern}"));
        bad.iter().for_each(|text| assert!(!matches(pattern, text), "{text} does not match {pattern}"));
    }

    #[test]
    fn the_subset_means_what_xml_schema_means() {
        check("[0-9A-F]{2}(-[0-9A-F]{2}){7}", &["90-B3-D5-1F-30-0A-00-01"], &["", "90-b3-D5-1F-30-0A-00-01", "90-B3"]);
        check("0|[1-9][0-9]{0,3}", &["0", "1", "1234"], &["", "00", "01", "12345", "1|"]);
        check(r"a\.b?(c|de)*", &["a.", "a.b", "a.bcdec", "a.de"], &["ab", "a.d", "a.bb"]);
        check("(a{1,2}){2}", &["aa", "aaa", "aaaa"], &["a", "aaaaa"]);
        check("[a-]+", &["-", "a-a"], &["b", ""]);
    }

    #[test]
    fn long_texts_match_as_short_ones_do() {
        for length in [120, 127, 128, 129, 300] {
            let text = "ab".repeat(length / 2) + if length % 2 == 0 { "" } else { "c" };
            assert_eq!(matches("(ab|a|b)*", &text), length % 2 == 0, "{length}");
            assert!(matches("[a-c]*", &text) && matches("[ab]*c?", &text) && !matches("[ab]{2}", &text), "{length}");
        }
    }

    #[test]
    fn a_long_text_costs_no_depth() {
        let text = "QUJD".repeat(100_000);
        assert!(matches("([A-Za-z0-9+/]{4})*", &text));
    }
}
