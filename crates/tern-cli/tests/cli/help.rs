//! Every verb's help has examples that still parse, and its exit codes.

use clap::Command;

use crate::support::Tern;

/// Every verb with the words that lead to it, groups included.
fn verbs(command: &Command, path: &[String], found: &mut Vec<Vec<String>>) {
    for verb in command.get_subcommands().filter(|verb| verb.get_name() != "help") {
        let path: Vec<String> = path.iter().cloned().chain([verb.get_name().to_owned()]).collect();
        found.push(path.clone());
        verbs(verb, &path, found);
    }
}

#[test]
fn every_help_has_examples_that_parse_and_exit_codes() {
    let tern = Tern::new();
    let mut paths = vec![Vec::new()];
    verbs(&tern_cli::command(), &[], &mut paths);
    assert!(paths.len() > 10, "{paths:?}");
    for path in paths {
        let words: Vec<&str> = path.iter().map(String::as_str).chain(["--help"]).collect();
        let help = tern.run(&words).clean().out;
        for part in ["Usage: tern", "--json", "--config", "\nExit codes:\n    0  "] {
            assert!(help.contains(part), "tern {}: {part:?} in\n{help}", words.join(" "));
        }
        let (_, examples) = help.split_once("\nExamples:\n").unwrap_or_else(|| panic!("no example:\n{help}"));
        let examples: Vec<&str> = examples.lines().take_while(|line| line.starts_with("  ")).map(str::trim).collect();
        let start = format!("tern {}", path.join(" "));
        assert!(examples.iter().any(|example| example.starts_with(start.trim())), "{start}: {examples:?}");
        for example in examples {
            let args = spoken(example.split(" > ").next().unwrap_or_default());
            if let Err(error) = tern_cli::command().try_get_matches_from(args) {
                panic!("the example `{example}` does not parse: {error}");
            }
        }
    }
}

/// The words of a command line: what stands in double quotes is one.
fn spoken(line: &str) -> Vec<String> {
    let parts = line.split('"').enumerate();
    parts
        .flat_map(|(at, part)| match at % 2 {
            0 => part.split_whitespace().map(str::to_owned).collect(),
            _ => vec![part.to_owned()],
        })
        .collect()
}

#[test]
fn a_wrong_command_line_ends_with_2_and_questions_about_tern_with_0() {
    let tern = Tern::new();
    tern.run(&[]).usage("Usage: tern");
    tern.run(&["pki"]).usage("Usage: tern pki");
    tern.run(&["migrat"]).usage("unrecognized subcommand");
    tern.run(&["explain"]).usage("<CLAUSE>");
    tern.run(&["rules", "--yaml"]).usage("--yaml");
    assert!(tern.run(&["--version"]).clean().out.starts_with("tern "));
}

#[test]
fn failures_are_json_too() {
    let ran = Tern::new().run(&["explain", "99.9", "--json"]);
    assert_eq!((ran.code, ran.out.as_str()), (Some(2), ""));
    let failure: serde_json::Value = serde_json::from_str(&ran.err).expect("JSON");
    assert!(failure["error"]["what"].as_str().is_some_and(|what| what.contains("99.9")), "{failure}");
    assert!(failure["error"]["next"].is_string(), "{failure}");
}

#[test]
fn a_wrong_command_line_is_told_as_json_where_that_was_asked_for() {
    let tern = Tern::new();
    let told = |args: &[&str]| {
        let ran = tern.run(args);
        assert_eq!((ran.code, ran.out.as_str()), (Some(2), ""), "{args:?}: {ran:?}");
        let told: serde_json::Value = serde_json::from_str(&ran.err).expect("JSON");
        let of = |name: &str| told["error"][name].as_str().expect("a text").to_owned();
        (of("what"), of("next"))
    };
    let (what, next) = told(&["migrat", "--json"]);
    assert!(what == "unrecognized subcommand 'migrat'" && next.contains("'migrate'"), "{what}: {next}");
    let (what, next) = told(&["--json", "explain"]);
    assert!(what.ends_with("<CLAUSE>") && next.contains("Usage: tern explain"), "{what}: {next}");
    let (what, next) = told(&["status", "--json", "--yaml"]);
    assert!(what.contains("--yaml") && !next.is_empty(), "{what}: {next}");
    let (what, next) = told(&["--json"]);
    assert!(what.contains("requires a subcommand") && next.contains("Usage: tern"), "{what}: {next}");
    assert!(tern.run(&["status", "--json", "--help"]).clean().out.contains("Usage: tern status"));
}

#[test]
fn a_reader_that_goes_away_is_no_failure() {
    let tern = Tern::new();
    let mut child = tern
        .command(&["rules", "--json"])
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .expect("tern runs");
    drop(child.stdout.take());
    let output = child.wait_with_output().expect("tern ends");
    assert_eq!((output.status.code(), output.stderr.as_slice()), (Some(0), &b""[..]));
}
