//! The reference page of the command line, made from the verbs' own help.

use std::fmt::Write;

use clap::Command;

/// Characters in a line of the page's help texts.
const WIDTH: usize = 100;

/// The page, in Markdown. It is a pure function of the verbs.
#[must_use]
pub fn page() -> String {
    let mut page = String::from(
        "# The command line\n\nMade by `cargo xtask codegen` from the verbs' own help; change it there.\n\n\
         | Exit code | Means |\n|---|---|\n\
         | 0 | done, and nothing was found |\n\
         | 1 | findings, or a file that is not what it should be |\n\
         | 2 | usage, configuration, files |\n\
         | 130 | interrupted by Ctrl-C or SIGTERM; the same command goes on where it stopped |\n",
    );
    let mut root = crate::command().term_width(WIDTH).disable_help_subcommand(true);
    root.build();
    for verb in root.get_subcommands() {
        add(&mut page, verb, "tern");
    }
    page
}

fn add(page: &mut String, command: &Command, above: &str) {
    let name = format!("{above} {}", command.get_name());
    if command.has_subcommands() {
        for verb in command.get_subcommands().filter(|verb| verb.get_name() != "help") {
            add(page, verb, &name);
        }
        return;
    }
    let help = command.clone().bin_name(&name).render_long_help().to_string();
    let lines: Vec<&str> = help.lines().map(str::trim_end).collect();
    let _ = write!(page, "\n## {name}\n\n```text\n{}\n```\n", lines.join("\n").trim_end());
}

#[cfg(test)]
mod tests {
    #[test]
    fn every_leaf_verb_has_its_section() {
        let page = super::page();
        for name in ["tern pki init", "tern pki show", "tern explain", "tern rules"] {
            assert!(page.contains(&format!("\n## {name}\n")), "{name}");
        }
        assert!(!page.contains('\u{1b}'));
    }
}
