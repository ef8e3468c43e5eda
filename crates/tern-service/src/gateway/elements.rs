//! A body's elements as somebody types them: a path and a text for each, in the schema's order. Whether the schema allows them
//! is not judged here.

use tern_wire::duis::Draft;

/// Elements by their paths: those that follow each other under one name are that element's; its first path again begins another.
pub(super) fn elements(values: &[(&str, &str)]) -> Vec<Draft> {
    let Some(((path, value), rest)) = values.split_first() else { return Vec::new() };
    let Some((parent, below)) = path.split_once('/') else {
        return [vec![Draft::leaf((*path).to_owned(), value)], elements(rest)].concat();
    };
    let mut children = vec![(below, *value)];
    children.extend(rest.iter().map_while(|(path, value)| match path.split_once('/') {
        Some((name, other)) if name == parent && other != below => Some((other, *value)),
        _ => None,
    }));
    let others = values.get(children.len()..).unwrap_or_default();
    [vec![Draft::new(parent.to_owned()).with_all(elements(&children))], elements(others)].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn elements_stand_where_their_paths_say_and_a_first_path_again_begins_another() {
        let leaf = |name: &'static str, value: &'static str| Draft::leaf(name, value);
        let made =
            elements(&[("A", "1"), ("B/C", "2"), ("B/D/E", "3"), ("B/D/F", "4"), ("B/C", "5"), ("A", "6"), ("A", "7")]);
        let deep = Draft::new("D").with(leaf("E", "3")).with(leaf("F", "4"));
        let first = Draft::new("B").with(leaf("C", "2")).with(deep);
        let second = Draft::new("B").with(leaf("C", "5"));
        assert_eq!(made, [leaf("A", "1"), first, second, leaf("A", "6"), leaf("A", "7")]);
    }
}
