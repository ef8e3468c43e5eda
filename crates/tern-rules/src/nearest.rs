//! What a reader may have meant: the known names nearest to one that is not known.

/// The names that are at most a quarter of its length away from what was asked, the nearest first.
#[must_use]
pub fn nearest<'n>(asked: &str, known: impl IntoIterator<Item = &'n str>) -> Vec<&'n str> {
    let asked = asked.trim().to_ascii_lowercase();
    let mut near: Vec<(usize, &str)> =
        known.into_iter().map(|name| (distance(&asked, &name.to_ascii_lowercase()), name)).collect();
    near.retain(|(distance, _)| *distance <= 1 + asked.len() / 4);
    near.sort_unstable();
    near.into_iter().map(|(_, name)| name).collect()
}

/// How many characters must be put in, left out or changed to make one word of the other.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut corner = row[0];
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let changed = corner + usize::from(x != *y);
            corner = row[j + 1];
            row[j + 1] = changed.min(corner + 1).min(row[j] + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distances() {
        assert_eq!(distance("p-sendr", "p-sender"), 1);
        assert_eq!(distance("15.8", "15.8"), 0);
        assert_eq!(distance("", "b2"), 2);
    }

    #[test]
    fn the_nearest_comes_first_and_nonsense_is_near_nothing() {
        assert_eq!(nearest("dais", ["dayss", "days", "weeks"]), ["days", "dayss"]);
        assert!(nearest("horse", ["days"]).is_empty());
    }
}
