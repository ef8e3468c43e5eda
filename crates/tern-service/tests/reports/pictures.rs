//! Pictures: well-formed, self-contained, said in words too, and the same each time. `TERN_REPORTS=DIR` leaves them to be
//! looked at.

use tern_service::reports::{BARS_MAX, Names, Reports};

use crate::support::{crowded, little, usual};

fn pictures(reports: &Reports) -> Vec<(String, String)> {
    reports.files().into_iter().filter(|(name, _)| name.ends_with(".svg")).collect()
}

#[track_caller]
fn check(what: &str, reports: &Reports) {
    if let Some(dir) = std::env::var_os("TERN_REPORTS") {
        reports.write(&std::path::Path::new(&dir).join(what)).expect("writes");
    }
    for (name, svg) in pictures(reports) {
        sound(what, &name, &svg);
    }
    assert_eq!(reports.files(), reports.clone().files(), "the same sums give the same files");
}

/// Well-formed, self-contained, and said in words too.
#[track_caller]
pub fn sound(what: &str, name: &str, svg: &str) {
    let read = roxmltree::Document::parse(svg).unwrap_or_else(|e| panic!("{what} {name}: {e}"));
    let root = read.root_element();
    assert_eq!(root.attribute("role"), Some("img"), "{name}");
    for tag in ["title", "desc"] {
        let words = root.children().find(|n| n.has_tag_name(tag)).and_then(|n| n.text()).unwrap_or_default();
        assert!(words.len() > 10, "{what} {name}: {tag} says {words:?}");
    }
    for node in read.descendants() {
        assert!(!matches!(node.tag_name().name(), "script" | "image" | "foreignObject" | "style"), "{name}");
        let elsewhere = node.attributes().any(|a| a.value().contains("http") || a.name().contains("href"));
        assert!(!elsewhere, "{name}: {node:?}");
    }
    fits(what, name, &read);
}

/// Nothing stands outside the picture.
#[track_caller]
fn fits(what: &str, name: &str, read: &roxmltree::Document<'_>) {
    let number =
        |n: roxmltree::Node<'_, '_>, of: &str| n.attribute(of).and_then(|v| v.parse::<f64>().ok()).unwrap_or(0.0);
    let (width, height) = (number(read.root_element(), "width"), number(read.root_element(), "height"));
    for node in read.descendants().filter(|n| n.has_tag_name("rect") || n.has_tag_name("text")) {
        let (right, bottom) = (number(node, "x") + number(node, "width"), number(node, "y") + number(node, "height"));
        assert!(right <= width + 0.1 && bottom <= height + 0.1, "{what} {name}: {node:?}");
    }
}

#[test]
fn nothing_at_all() {
    check("nothing", &Reports::default());
    let words: String = pictures(&Reports::default()).into_iter().map(|(_, svg)| svg).collect();
    assert!(words.contains("There is nothing to show."));
}

#[test]
fn little_data() {
    let reports = little();
    check("little", &reports);
    let of = |name: &str| pictures(&reports).into_iter().find(|(n, _)| n == name).expect("is there").1;
    for name in ["outcomes-by-day.svg", "outcomes-by-week.svg"] {
        let alone = of(name);
        assert!(alone.contains("4 of 5 known are commissioned") && alone.contains(">20.0 %<"), "{name}: {alone}");
    }
    assert!(!of("outcomes-by-supplier.svg").contains("no certificate"));
    let nameless = Reports { names: Names::default(), ..reports.clone() };
    let told = pictures(&nameless).into_iter().filter(|(_, svg)| svg.contains("no certificate names it")).count();
    assert_eq!(told, 1, "of Dormant Meters there are none");
}

#[test]
fn usual_data() {
    check("usual", &usual());
}

#[test]
fn a_hundred_clauses_and_names_that_go_on() {
    let reports = crowded();
    check("crowded", &reports);
    let of = |name: &str| pictures(&reports).into_iter().find(|(n, _)| n == name).expect("is there").1;
    let clauses = of("findings-by-clause.svg");
    let left_out = format!("and {} more with ", reports.ledger.clauses.len() - BARS_MAX);
    assert!(reports.ledger.clauses.len() > 90 && clauses.contains(&left_out), "{left_out}");
    assert!(clauses.contains("see findings-by-clause.csv"));
    assert!(of("outcomes-by-day.svg").contains("earlier ones are not drawn"));
}
