//! Runs other programs and keeps what they said: a log of every line, and the lines themselves for whoever counts them.
//!
//! It never interprets the lines.

use std::fs;
use std::io::{BufRead, BufReader, IsTerminal, Read, Write};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::mpsc::{Sender, channel};
use std::thread;

use crate::Failure;

/// What a program said, and whether it was content.
pub struct Said {
    /// Whether it ended with exit code 0.
    pub ok: bool,
    /// Standard output and standard error, in the order in which lines arrived.
    pub lines: Vec<String>,
    /// Where the same lines are kept.
    pub log: PathBuf,
}

impl Said {
    /// The last `count` lines, indented for a report.
    pub fn tail(&self, count: usize) -> String {
        let from = self.lines.len().saturating_sub(count);
        self.lines[from..].iter().map(|line| format!("    {line}\n")).collect()
    }
}

/// Whether a program of this name can be started.
pub fn exists(program: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).any(|folder| folder.join(program).is_file())
}

/// Runs a command to its end; its lines go to `target/xtask/<name>.log`. On a terminal the latest line is shown meanwhile.
pub fn run(name: &str, command: &mut Command) -> Result<Said, Failure> {
    let folder = crate::root().join("target/xtask");
    let log = folder.join(format!("{name}.log"));
    let cannot = |what: &str, error: std::io::Error| Failure::new(format!("{name}: cannot {what}: {error}"));
    fs::create_dir_all(&folder).map_err(|e| cannot("make target/xtask", e))?;
    let mut file = fs::File::create(&log).map_err(|e| cannot("write its log", e))?;

    command.current_dir(crate::root()).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().map_err(|e| cannot(&format!("start {:?}", command.get_program()), e))?;
    let (sender, lines_in) = channel();
    if let Some(out) = child.stdout.take() {
        forward(out, sender.clone());
    }
    if let Some(err) = child.stderr.take() {
        forward(err, sender);
    }
    let live = std::io::stderr().is_terminal();
    let mut lines = Vec::new();
    for line in lines_in {
        writeln!(file, "{line}").map_err(|e| cannot("write its log", e))?;
        if live {
            eprint!("\r\x1b[K  {}", line.chars().take(100).collect::<String>());
        }
        lines.push(line);
    }
    if live {
        eprint!("\r\x1b[K");
    }
    let status = child.wait().map_err(|e| cannot("wait for it", e))?;
    Ok(Said { ok: status.success(), lines, log })
}

fn forward(from: impl Read + Send + 'static, to: Sender<String>) {
    thread::spawn(move || {
        for line in BufReader::new(from).split(b'\n').map_while(Result::ok) {
            if to.send(String::from_utf8_lossy(&line).trim_end().to_owned()).is_err() {
                break;
            }
        }
    });
}
