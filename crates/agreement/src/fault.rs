use std::fmt;

/// One thing wrong in an agreement folder: where, what, and what to do about it.
///
/// `Display` renders it for a terminal, with a caret under the column.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Fault {
    /// Path inside the agreements folder, with `/`.
    pub file: String,
    /// Line, from 1; 0 when the fault is about the whole file.
    pub line: usize,
    /// Column in characters, from 1; 0 when the fault is about the whole line or file.
    pub column: usize,
    /// The line itself, as written.
    pub excerpt: String,
    /// What is wrong: lower case, no full stop.
    pub problem: String,
    /// What cures it: lower case, no full stop.
    pub remedy: String,
}

impl Fault {
    /// A fault about a whole file.
    pub fn of_file(file: &str, problem: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self {
            file: file.to_owned(),
            line: 0,
            column: 0,
            excerpt: String::new(),
            problem: problem.into(),
            remedy: remedy.into(),
        }
    }

    /// A fault at a byte offset of `text`, the content of `file`.
    pub fn at_offset(
        file: &str,
        text: &str,
        offset: usize,
        problem: impl Into<String>,
        remedy: impl Into<String>,
    ) -> Self {
        let before = text.get(..offset).unwrap_or(text);
        let start = before.rfind('\n').map_or(0, |at| at + 1);
        let line_text = text.get(start..).unwrap_or_default();
        Self {
            file: file.to_owned(),
            line: before.matches('\n').count() + 1,
            column: before.get(start..).unwrap_or_default().chars().count() + 1,
            excerpt: line_text.lines().next().unwrap_or_default().to_owned(),
            problem: problem.into(),
            remedy: remedy.into(),
        }
    }

    /// A fault about the first place where `needle` stands in `text`, else about the file.
    pub fn at_text(
        file: &str,
        text: &str,
        needle: &str,
        problem: impl Into<String>,
        remedy: impl Into<String>,
    ) -> Self {
        match text.find(needle) {
            Some(offset) => Self::at_offset(file, text, offset, problem, remedy),
            None => Self::of_file(file, problem, remedy),
        }
    }

    /// A fault about a whole line, from 1.
    pub fn at_line(
        file: &str,
        line: usize,
        excerpt: &str,
        problem: impl Into<String>,
        remedy: impl Into<String>,
    ) -> Self {
        Self {
            line,
            column: 1,
            excerpt: excerpt.to_owned(),
            ..Self::of_file(file, problem, remedy)
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.line == 0 {
            return write!(
                f,
                "{}: {}\n  remedy: {}",
                self.file, self.problem, self.remedy
            );
        }
        writeln!(
            f,
            "{}:{}:{}: {}",
            self.file, self.line, self.column, self.problem
        )?;
        writeln!(f, "{:>5} | {}", self.line, self.excerpt)?;
        writeln!(f, "      | {}^", " ".repeat(self.column.saturating_sub(1)))?;
        write!(f, "  remedy: {}", self.remedy)
    }
}

impl std::error::Error for Fault {}
