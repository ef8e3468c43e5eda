//! The exit codes of every verb. Scripts rely on them: they change only with a line in the CHANGELOG.

use std::process::ExitCode;

/// How a command ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Exit {
    /// Done, and nothing was found.
    Clean = 0,
    /// Findings: a counterparty's document breaks a clause, a fact is missing, or a file is not what its name says.
    Findings = 1,
    /// Usage, configuration, or the world: a file, a disk, a socket.
    Failed = 2,
    /// Stopped by Ctrl-C or SIGTERM, cleanly: the same command goes on where this one stopped.
    Interrupted = 130,
}

impl Exit {
    /// [`Exit::Findings`] where there is any, else [`Exit::Clean`].
    #[must_use]
    pub fn of_findings(count: usize) -> Exit {
        if count == 0 { Exit::Clean } else { Exit::Findings }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> ExitCode {
        ExitCode::from(exit as u8)
    }
}

/// What stands below a verb's help: at least one example, and the exit codes that it uses.
///
/// `plain` is for verbs that do something or fail; `judging` for those that may find something wrong with a document;
/// `working` for those that also stop and go on.
macro_rules! after_help {
    (@text $codes:literal, $($example:literal),+) => {
        concat!("Examples:", $("\n  ", $example),+, "\n\nExit codes:\n", $codes)
    };
    (plain, $($example:literal),+ $(,)?) => {
        $crate::exit::after_help!(@text "    0  done\n    2  usage, configuration, files", $($example),+)
    };
    (judging, $($example:literal),+ $(,)?) => {
        $crate::exit::after_help!(
            @text "    0  clean\n    1  findings, or a file that is not what it should be\n    2  usage, configuration, files",
            $($example),+
        )
    };
    (working, $($example:literal),+ $(,)?) => {
        $crate::exit::after_help!(
            @text "    0  clean\n    1  findings, or a file that is not what it should be\n    2  usage, configuration, files\n  130  interrupted; the same command goes on",
            $($example),+
        )
    };
}
pub(crate) use after_help;
