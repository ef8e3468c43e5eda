//! The subset of XML Schema's regular expressions that the descriptions use.
//!
//! ASCII characters, `\` before one, `[classes]` with ranges, `(groups | of alternatives)`, and after any of them `?`, `*`, `+`,
//! `{n}` or `{n,m}`. The matcher walks the expression once with the set of all positions reached so far, so that its time is
//! bounded by expression times text and its depth by the expression alone. It compares bytes: no expression matches a
//! character that is not ASCII.

/// Whether the whole text matches.
pub(super) fn matches(pattern: &str, text: &str) -> bool {
    alternatives(pattern.as_bytes(), text.as_bytes(), &[0]).contains(&text.len())
}

/// Every position that some alternative reaches from some start, ascending.
fn alternatives(pattern: &[u8], text: &[u8], starts: &[usize]) -> Vec<usize> {
    let mut reached = Vec::new();
    let mut rest = pattern;
    while let Some(bar) = top_level_bar(rest) {
        reached.extend(sequence(&rest[..bar], text, starts));
        rest = &rest[bar + 1..];
    }
    let last = sequence(rest, text, starts);
    if reached.is_empty() { last } else { ascending(reached, last) }
}

fn sequence(mut pattern: &[u8], text: &[u8], starts: &[usize]) -> Vec<usize> {
    let mut positions = starts.to_vec();
    while !pattern.is_empty() && !positions.is_empty() {
        let (atom, tail) = pattern.split_at(atom_length(pattern));
        let (min, max, quantifier_length) = quantifier(tail);
        positions = match atom[0] {
            b'(' => repeat_group(&atom[1..atom.len() - 1], text, &positions, min, max),
            _ => repeat_character(atom, text, &positions, min, max),
        };
        pattern = &tail[quantifier_length..];
    }
    positions
}

fn repeat_group(group: &[u8], text: &[u8], starts: &[usize], min: usize, max: usize) -> Vec<usize> {
    let mut reached: Vec<usize> = if min == 0 { starts.to_vec() } else { Vec::new() };
    let mut current = starts.to_vec();
    for round in 1..=max {
        current = alternatives(group, text, &current);
        if current.is_empty() {
            break;
        }
        if round == max && reached.is_empty() {
            return current;
        }
        if round >= min {
            reached.extend(&current);
        }
    }
    ascending(reached, Vec::new())
}

fn repeat_character(atom: &[u8], text: &[u8], starts: &[usize], min: usize, max: usize) -> Vec<usize> {
    let mut reached = Vec::new();
    for start in starts {
        let longest = text[*start..].iter().take(max).take_while(|c| fits(atom, **c)).count();
        reached.extend((min..=longest).map(|length| start + length));
    }
    if starts.len() == 1 { reached } else { ascending(reached, Vec::new()) }
}

fn ascending(mut positions: Vec<usize>, more: Vec<usize>) -> Vec<usize> {
    positions.extend(more);
    positions.sort_unstable();
    positions.dedup();
    positions
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
    fn check(pattern: &str, good: &[&str], bad: &[&str]) {
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
    fn a_long_text_costs_no_depth() {
        let text = "QUJD".repeat(100_000);
        assert!(matches("([A-Za-z0-9+/]{4})*", &text));
    }
}
