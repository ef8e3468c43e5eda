//! A source file as the rules see it: comments and texts blanked out, lines of tests marked, functions found.
//!
//! This is no Rust parser. It relies on rustfmt's layout and on balanced braces, which both hold before tidy runs.

/// One Rust file.
pub struct Source {
    /// From the root, with `/`.
    pub path: String,
    /// The first line as written.
    pub first_line: String,
    /// The code, with comments and the contents of texts replaced by blanks; line numbers are those of the file.
    pub code: Vec<String>,
    /// Whether a line belongs to a test; all of them in a file of tests.
    pub in_test: Vec<bool>,
}

/// A function's place and extent.
pub struct Function {
    /// Its name without a path.
    pub name: String,
    /// Line of `fn`, one-based.
    pub line: usize,
    /// From `fn` to the closing brace.
    pub length: usize,
}

impl Source {
    /// Prepares a file.
    pub fn new(path: String, text: &str) -> Source {
        let code: Vec<String> = blank(text).lines().map(str::to_owned).collect();
        let whole = is_test_file(&path);
        let mut in_test = vec![whole; code.len()];
        for at in 0..code.len() {
            if code[at].trim_start().starts_with("#[cfg(test)]") {
                let end = block_end(&code, at).unwrap_or(at);
                in_test[at..=end].iter_mut().for_each(|line| *line = true);
            }
        }
        let first_line = text.lines().next().unwrap_or_default().to_owned();
        Source { path, first_line, code, in_test }
    }

    /// The crate's folder name, or `xtask`.
    pub fn krate(&self) -> &str {
        let mut parts = self.path.split('/');
        match parts.next() {
            Some("crates") => parts.next().unwrap_or_default(),
            other => other.unwrap_or_default(),
        }
    }

    /// Whether the whole file is test code (or a benchmark's).
    pub fn is_test_file(&self) -> bool {
        is_test_file(&self.path)
    }

    /// Number of lines that are not tests.
    pub fn length(&self) -> usize {
        self.in_test.iter().filter(|test| !**test).count()
    }

    /// Lines that are not tests: one-based number and code.
    pub fn product_lines(&self) -> impl Iterator<Item = (usize, &str)> {
        self.code
            .iter()
            .zip(&self.in_test)
            .enumerate()
            .filter(|(_, (_, test))| !**test)
            .map(|(n, (l, _))| (n + 1, l.as_str()))
    }

    /// Functions that are not tests.
    pub fn functions(&self) -> Vec<Function> {
        let mut found = Vec::new();
        for (number, line) in self.product_lines() {
            let Some(name) = function_name(line) else { continue };
            let Some(end) = block_end(&self.code, number - 1) else { continue };
            found.push(Function { name: name.to_owned(), line: number, length: end + 2 - number });
        }
        found
    }
}

fn is_test_file(path: &str) -> bool {
    path.ends_with("/tests.rs")
        || path.ends_with("_tests.rs")
        || path.contains("/tests/")
        || path.contains("/benches/")
        || path.contains("/examples/")
}

fn function_name(line: &str) -> Option<&str> {
    let at = line.find("fn ")?;
    let before = line[..at].trim();
    let lead = ["pub", "const", "async", "unsafe", "extern"];
    let is_lead = |word: &str| lead.contains(&word) || word.starts_with("pub(") || word.ends_with(')') || word == "in";
    if !before.split_whitespace().all(is_lead) {
        return None;
    }
    let name = line[at + 3..].split(|c: char| !c.is_alphanumeric() && c != '_').next()?;
    if name.is_empty() { None } else { Some(name) }
}

/// The line on which the block that opens at or after `from` closes; `from` itself where it ends in `;` before any block.
fn block_end(code: &[String], from: usize) -> Option<usize> {
    let mut braces = 0_i32;
    let mut others = 0_i32;
    for (at, line) in code.iter().enumerate().skip(from) {
        for letter in line.chars() {
            match letter {
                '(' | '[' => others += 1,
                ')' | ']' => others -= 1,
                '{' => braces += 1,
                '}' => {
                    braces -= 1;
                    if braces == 0 && others == 0 {
                        return Some(at);
                    }
                }
                ';' if braces == 0 && others == 0 => return Some(at),
                _ => {}
            }
        }
    }
    None
}

/// Replaces comments and the contents of texts and characters by blanks; keeps every line break.
fn blank(text: &str) -> String {
    let letters: Vec<char> = text.chars().collect();
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    while at < letters.len() {
        let rest = &letters[at..];
        let length = comment(rest).or_else(|| raw_text(&letters, at)).or_else(|| quoted(rest)).unwrap_or(0);
        if length == 0 {
            out.push(letters[at]);
            at += 1;
            continue;
        }
        out.extend(letters[at..at + length].iter().map(|l| if *l == '\n' { '\n' } else { ' ' }));
        at += length;
    }
    out
}

/// Length of the comment that starts here.
fn comment(rest: &[char]) -> Option<usize> {
    match rest {
        ['/', '/', ..] => Some(rest.iter().position(|l| *l == '\n').unwrap_or(rest.len())),
        ['/', '*', ..] => {
            let (mut depth, mut at) = (0_u32, 0);
            while at < rest.len() {
                match &rest[at..] {
                    ['/', '*', ..] => (depth, at) = (depth + 1, at + 2),
                    ['*', '/', ..] => (depth, at) = (depth - 1, at + 2),
                    _ => at += 1,
                }
                if depth == 0 {
                    return Some(at);
                }
            }
            Some(rest.len())
        }
        _ => None,
    }
}

/// Length of the raw text (`r"…"`, `r#"…"#`, with `b` or `c` before it) that starts here.
fn raw_text(letters: &[char], at: usize) -> Option<usize> {
    let word = |l: &char| l.is_alphanumeric() || *l == '_';
    if letters[at] != 'r' || (at > 0 && word(&letters[at - 1]) && !matches!(letters[at - 1], 'b' | 'c')) {
        return None;
    }
    let rest = &letters[at + 1..];
    let hashes = rest.iter().take_while(|l| **l == '#').count();
    if rest.get(hashes) != Some(&'"') {
        return None;
    }
    let mut end: Vec<char> = vec!['"'];
    end.extend(std::iter::repeat_n('#', hashes));
    let body = &rest[hashes + 1..];
    let close = body.windows(end.len()).position(|w| w == end.as_slice()).unwrap_or(body.len());
    Some((1 + hashes + 1 + close + end.len()).min(letters.len() - at))
}

/// Length of the text or character literal that starts here; a lifetime is neither.
fn quoted(rest: &[char]) -> Option<usize> {
    match rest {
        ['"', ..] => Some(until_quote(rest, '"')),
        ['\'', '\\', ..] => Some(until_quote(rest, '\'')),
        ['\'', _, '\'', ..] => Some(3),
        _ => None,
    }
}

fn until_quote(rest: &[char], quote: char) -> usize {
    let mut at = 1;
    while at < rest.len() {
        match rest[at] {
            '\\' => at += 2,
            letter if letter == quote => return at + 1,
            _ => at += 1,
        }
    }
    rest.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_and_texts_are_no_code() {
        let text = "a // .unwrap()\nb(\"x \\\" {\", r#\"} \"# , '{', '\\'') /* { /* } */ */ c<'a>\n";
        let seen = blank(text);
        assert_eq!(seen.lines().count(), 2);
        assert!(!seen.contains("unwrap") && !seen.contains('{') && !seen.contains('}'), "{seen}");
        assert!(seen.contains("c<'a>"), "{seen}");
    }

    #[test]
    fn test_modules_do_not_count() {
        let source = Source::new(
            "crates/x/src/a.rs".to_owned(),
            "//! A.\nfn one(a: [u8; 2]) {\n    two();\n}\n\n#[cfg(test)]\nmod tests {\n    fn three() {}\n}\n",
        );
        assert_eq!(source.length(), 5);
        let functions = source.functions();
        assert_eq!(functions.len(), 1);
        assert_eq!((functions[0].name.as_str(), functions[0].line, functions[0].length), ("one", 2, 3));
        assert_eq!(source.krate(), "x");
    }

    #[test]
    fn a_declared_test_module_marks_its_line_only() {
        let source = Source::new("crates/x/src/a.rs".to_owned(), "//! A.\n#[cfg(test)]\nmod tests;\n\nfn one() {}\n");
        assert_eq!(source.in_test, [false, true, true, false, false]);
    }
}
