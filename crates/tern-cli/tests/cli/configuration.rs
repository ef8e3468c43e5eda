//! `tern show-config`, and where configuration is looked for.

use crate::support::Tern;

#[test]
fn what_is_printed_is_a_tern_toml() {
    let tern = Tern::new();
    let printed = tern.run(&["show-config"]).clean().out;
    assert!(printed.starts_with("# There is no tern.toml here or above"), "{printed}");
    tern.write("tern.toml", &printed);
    let again = tern.run(&["show-config"]).clean().out;
    assert!(again.starts_with("# In force, from /"), "{again}");
    let body = |text: &str| text.lines().filter(|line| !line.starts_with('#')).collect::<Vec<_>>().join("\n");
    assert_eq!(body(&printed), body(&again));
    assert!(body(&printed).contains("counter_window = 100"));
}

#[test]
fn a_first_configuration_is_written_where_the_shell_put_an_empty_file() {
    let tern = Tern::new();
    tern.run(&["status"]).fails("no tern.toml", "`tern show-config > tern.toml` writes one");
    tern.write("tern.toml", "");
    let printed = tern.run(&["show-config"]).clean().out;
    assert!(printed.starts_with("# Every value is its default.\n"), "{printed}");
}

#[test]
fn the_file_is_found_above_the_folder_worked_on_or_named() {
    let tern = Tern::new();
    std::fs::create_dir_all(tern.path("demo/sets/EA_1")).expect("folders");
    tern.write("demo/tern.toml", "[commissioning]\nattempts = 9\n");
    tern.write("other.toml", "[commissioning]\nattempts = 4\n");
    let attempts = |args: &[&str]| tern.run(args).clean().json()["config"]["commissioning"]["attempts"].clone();
    assert_eq!(attempts(&["show-config", "--json"]), 3);
    assert_eq!(attempts(&["show-config", "demo/sets/EA_1", "--json"]), 9);
    assert_eq!(attempts(&["show-config", "demo", "--json", "--config", "other.toml"]), 4);
    let shown = tern.run(&["show-config", "demo"]).clean().out;
    assert!(shown.contains("\nattempts = 9  # default: 3\n"), "{shown}");
    assert!(shown.lines().next().is_some_and(|line| line.ends_with("/demo/tern.toml")), "{shown}");
}

#[test]
fn a_misspelt_key_is_refused_with_its_name_by_every_verb_that_reads_it() {
    let tern = Tern::new();
    tern.write("tern.toml", "[commissioning]\natempts = 3\n");
    for args in [&["show-config"][..], &["pki", "show"], &["build"], &["world"]] {
        if args == ["build"] {
            std::fs::create_dir(tern.path("exports")).expect("a folder");
            tern.write("exports/a.xml", "");
        }
        tern.run(args).fails("atempts", "tern show-config");
    }
}

#[test]
fn a_file_that_was_named_must_be_there() {
    let tern = Tern::new();
    tern.run(&["show-config", "--config", "no.toml"]).fails("where: no.toml", "exists");
    tern.run(&["show-config", "nowhere"]).fails("nowhere is not there", "--config");
}
