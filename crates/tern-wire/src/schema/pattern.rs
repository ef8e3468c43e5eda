//! The subset of XML Schema's regular expressions that the descriptions use.
//!
//! Characters, `\` before one, `[classes]` with ranges, `(groups | of alternatives)`, and after any of them `?`, `*`, `+`, `{n}` or
//! `{n,m}`. The matcher walks the expression once with the set of all positions reached so far, so that its time is
//! bounded by expression times text and its depth by the expression alone.

/// Whether the whole text matches.
pub(super) fn matches(pattern: &str, text: &str) -> bool {
    let text: Vec<char> = text.chars().collect();
    let pattern: Vec<char> = pattern.chars().collect();
    alternatives(&pattern, &text, &[0]).contains(&text.len())
}

/// Every position that some alternative reaches from some start, ascending.
fn alternatives(pattern: &[char], text: &[char], starts: &[usize]) -> Vec<usize> {
    let mut reached = Vec::new();
    let mut rest = Some(pattern);
    while let Some(branch) = rest {
        let bar = top_level_bar(branch);
        reached.extend(sequence(&branch[..bar.unwrap_or(branch.len())], text, starts));
        rest = bar.map(|at| &branch[at + 1..]);
    }
    reached.sort_unstable();
    reached.dedup();
    reached
}

fn sequence(mut pattern: &[char], text: &[char], starts: &[usize]) -> Vec<usize> {
    let mut positions = starts.to_vec();
    while !pattern.is_empty() && !positions.is_empty() {
        let atom_length = atom_length(pattern);
        let (atom, tail) = pattern.split_at(atom_length);
        let (min, max, quantifier_length) = quantifier(tail);
        positions = repeat(atom, text, &positions, min, max);
        pattern = &tail[quantifier_length..];
    }
    positions
}

fn repeat(atom: &[char], text: &[char], starts: &[usize], min: usize, max: usize) -> Vec<usize> {
    let mut reached: Vec<usize> = if min == 0 { starts.to_vec() } else { Vec::new() };
    let mut current = starts.to_vec();
    for round in 1..=max {
        current = once(atom, text, &current);
        if current.is_empty() {
            break;
        }
        if round >= min {
            reached.extend(&current);
        }
    }
    reached.sort_unstable();
    reached.dedup();
    reached
}

fn once(atom: &[char], text: &[char], starts: &[usize]) -> Vec<usize> {
    match atom[0] {
        '(' => alternatives(&atom[1..atom.len() - 1], text, starts),
        _ => starts.iter().filter(|at| text.get(**at).is_some_and(|c| fits(atom, *c))).map(|at| at + 1).collect(),
    }
}

fn fits(atom: &[char], c: char) -> bool {
    match atom[0] {
        '[' => {
            let mut class = &atom[1..atom.len() - 1];
            while let Some(first) = class.first() {
                if class.len() >= 3 && class[1] == '-' {
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
        '\\' => atom[1] == c,
        literal => literal == c,
    }
}

/// Where the alternatives of a pattern are divided first, outside groups and classes.
fn top_level_bar(pattern: &[char]) -> Option<usize> {
    let mut at = 0;
    while at < pattern.len() {
        if pattern[at] == '|' {
            return Some(at);
        }
        at += atom_length(&pattern[at..]);
    }
    None
}

/// The length of the character, class or group that a non-empty pattern begins with.
fn atom_length(pattern: &[char]) -> usize {
    match pattern[0] {
        '\\' => 2,
        '[' => pattern.iter().position(|c| *c == ']').map_or(pattern.len(), |at| at + 1),
        '(' => {
            let mut at = 1;
            while at < pattern.len() && pattern[at] != ')' {
                at += atom_length(&pattern[at..]);
            }
            at + 1
        }
        _ => 1,
    }
}

/// Least, most and length of the quantifier that `tail` begins with; once and 0 where it begins with none.
fn quantifier(tail: &[char]) -> (usize, usize, usize) {
    match tail.first() {
        Some('?') => (0, 1, 1),
        Some('*') => (0, usize::MAX, 1),
        Some('+') => (1, usize::MAX, 1),
        Some('{') => {
            let end = tail.iter().position(|c| *c == '}').unwrap_or(tail.len() - 1);
            let inside: String = tail[1..end].iter().collect();
            let number = |text: &str| text.parse().unwrap_or(0);
            let (min, max) =
                inside.split_once(',').map_or((number(&inside), number(&inside)), |(a, b)| (number(a), number(b)));
            (min, max, end + 1)
        }
        _ => (1, 1, 0),
    }
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
