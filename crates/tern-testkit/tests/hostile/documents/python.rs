//! Python's `xmlschema` as a judge: one process, asked for many documents at once.
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::thread::JoinHandle;

use tern_outside::python_with;

/// A line of JSON in, with documents; a line of letters out: V valid, I invalid, U unreadable, O no verdict.
const SCRIPT: &str = "
import io, json, sys, xmlschema
schema = xmlschema.XMLSchema(sys.argv[1])
def verdict(text):
    try:
        return 'V' if schema.is_valid(io.BytesIO(text.encode('utf-8'))) else 'I'
    except OverflowError:
        return 'O'
    except Exception:
        return 'U'
for line in sys.stdin:
    print(''.join(map(verdict, json.loads(line))), flush=True)
";

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    Valid,
    Invalid,
    /// Its parser refuses it, or it is in no encoding.
    Unreadable,
    /// It gave up: a value is beyond its own types, such as a year of twenty digits.
    Overflow,
}

/// The process.
pub struct Judge {
    child: Child,
    input: Option<ChildStdin>,
    output: Option<BufReader<ChildStdout>>,
    asked: Option<JoinHandle<(ChildStdin, BufReader<ChildStdout>, String)>>,
}

impl Judge {
    /// None where there is no Python with `xmlschema`.
    pub fn start(test: &str) -> Option<Judge> {
        let python = python_with("xmlschema", test)?;
        let schema = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../schemas/smets1-migration-1.2.xsd");
        let mut command = Command::new(python);
        command.args(["-c", SCRIPT]).arg(schema).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().expect("starts");
        let (input, output) = (child.stdin.take(), child.stdout.take().map(BufReader::new));
        Some(Judge { child, input, output, asked: None })
    }

    /// Hands documents over; the answer is fetched later.
    pub fn ask<'a>(&mut self, texts: impl Iterator<Item = &'a str>) {
        let mut line = serde_json::to_vec(&texts.collect::<Vec<_>>()).expect("JSON");
        line.push(b'\n');
        let (mut input, mut output) = self.input.take().zip(self.output.take()).expect("one question at a time");
        self.asked = Some(std::thread::spawn(move || {
            input.write_all(&line).and_then(|()| input.flush()).expect("Python listens");
            let mut answer = String::new();
            output.read_line(&mut answer).expect("Python answers");
            (input, output, answer)
        }));
    }

    /// What it says of the documents that were handed over, in order.
    pub fn answer(&mut self) -> Vec<Verdict> {
        let (input, output, answer) = self.asked.take().expect("a question").join().expect("an answer");
        (self.input, self.output) = (Some(input), Some(output));
        let of = |letter| match letter {
            'V' => Verdict::Valid,
            'I' => Verdict::Invalid,
            'U' => Verdict::Unreadable,
            'O' => Verdict::Overflow,
            other => panic!("Python says {other}"),
        };
        answer.trim_end().chars().map(of).collect()
    }
}

impl Drop for Judge {
    fn drop(&mut self) {
        drop(self.input.take());
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
