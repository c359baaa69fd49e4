//! The words in a template: found, and said in another language.
//!
//! A phrase is what a translator sees at once: text between marks that end a line, with `{1}` for each value
//! and `<1>...</1>` for each mark within it (a link, bold words). Words inside an expression, as in
//! `forms.button("Send")`, and inside attributes that people hear or see are phrases, too.

/// Elements that stand within a sentence.
const INLINE: [&str; 14] = [
    "a", "abbr", "b", "bdi", "br", "code", "em", "i", "kbd", "q", "small", "span", "strong", "time",
];
/// Attributes whose values are words.
const SPOKEN: [&str; 4] = ["aria-label", "title", "alt", "placeholder"];

/// A part of a template's source.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Piece<'s> {
    /// `{# ... #}`.
    Comment(&'s str),
    /// `{% ... %}`.
    Statement(&'s str),
    /// `{{ ... }}`.
    Value(&'s str),
    /// `<...>`.
    Mark(&'s str),
    Text(&'s str),
}

/// Says the phrases of a template as `say` has them; what it does not have stays as it is.
pub fn said(source: &str, say: &mut dyn FnMut(&str) -> Option<String>) -> String {
    let mut out = String::with_capacity(source.len());
    let mut run: Vec<Piece<'_>> = Vec::new();
    for piece in pieces(source) {
        match piece {
            Piece::Text(_) | Piece::Value(_) => run.push(piece),
            Piece::Mark(mark) if INLINE.contains(&element(mark)) => run.push(piece),
            Piece::Comment(comment) => {
                out += &flush(&mut run, say);
                out += comment;
            }
            Piece::Statement(statement) => {
                out += &flush(&mut run, say);
                out += &literals(statement, say);
            }
            Piece::Mark(mark) => {
                out += &flush(&mut run, say);
                out += &attributes(mark, say);
            }
        }
    }
    out + &flush(&mut run, say)
}

fn pieces(source: &str) -> impl Iterator<Item = Piece<'_>> {
    let mut rest = source;
    std::iter::from_fn(move || {
        let (piece, length) = next(rest)?;
        rest = rest.get(length..).unwrap_or_default();
        Some(piece)
    })
}

fn next<'s>(rest: &'s str) -> Option<(Piece<'s>, usize)> {
    let comment = || rest.find("#}").map_or(rest.len(), |at| at + 2);
    let cut = |length: usize| rest.get(..length).unwrap_or(rest);
    let (length, piece): (usize, fn(&'s str) -> Piece<'s>) = match rest {
        "" => return None,
        _ if rest.starts_with("{#") => (comment(), Piece::Comment),
        _ if rest.starts_with("{%") => (end_of_code(rest, "%}"), Piece::Statement),
        _ if rest.starts_with("{{") => (end_of_code(rest, "}}"), Piece::Value),
        _ if is_mark(rest) => (end_of_mark(rest), Piece::Mark),
        _ => (end_of_text(rest), Piece::Text),
    };
    Some((piece(cut(length)), length))
}

fn is_mark(rest: &str) -> bool {
    let named = |letter: char| letter.is_ascii_alphabetic() || letter == '/' || letter == '!';
    rest.strip_prefix('<')
        .is_some_and(|after| after.starts_with(named))
}

fn end_of_text(rest: &str) -> usize {
    let starts = |(at, _): &(usize, char)| {
        let here = rest.get(*at..).unwrap_or_default();
        ["{#", "{%", "{{"].iter().any(|open| here.starts_with(open)) || is_mark(here)
    };
    let marks = rest.char_indices().filter(|(_, c)| matches!(c, '{' | '<'));
    let mut marks = marks.filter(starts);
    marks.next().map_or(rest.len(), |(at, _)| at)
}

/// Where a statement or value ends: at its sign, outside quotes and brackets.
fn end_of_code(code: &str, close: &str) -> usize {
    let (mut depth, mut quote) = (0_u32, None);
    for (at, letter) in code.char_indices().skip(2) {
        match (quote, letter) {
            (Some(open), _) if open == letter => quote = None,
            (Some(_), _) => {}
            (None, '"' | '\'') => quote = Some(letter),
            (None, '(' | '[' | '{') => depth += 1,
            (None, ')' | ']' | '}') if depth > 0 => depth -= 1,
            (None, _)
                if depth == 0 && code.get(at..).is_some_and(|rest| rest.starts_with(close)) =>
            {
                return at + close.len();
            }
            (None, _) => {}
        }
    }
    code.len()
}

/// A mark may hold values and statements, which may hold `>`.
fn end_of_mark(rest: &str) -> usize {
    let mut at = 1;
    while let Some(here) = rest.get(at..).filter(|here| !here.is_empty()) {
        let inner = [("{{", "}}"), ("{%", "%}")]
            .into_iter()
            .find(|(open, _)| here.starts_with(open));
        if let Some((_, close)) = inner {
            at += end_of_code(here, close);
        } else if here.starts_with('>') {
            return at + 1;
        } else {
            at += here.chars().next().map_or(1, char::len_utf8);
        }
    }
    rest.len()
}

fn element(mark: &str) -> &str {
    let name = mark.trim_start_matches(['<', '/']);
    let end = name.find(|c: char| !c.is_ascii_alphanumeric());
    name.get(..end.unwrap_or(name.len())).unwrap_or_default()
}

/// The run as it is said, and an empty run.
fn flush(run: &mut Vec<Piece<'_>>, say: &mut dyn FnMut(&str) -> Option<String>) -> String {
    let pieces = std::mem::take(run);
    let (phrase, stood) = phrase(&pieces, say);
    let as_it_is = || phrase_source(&pieces, &stood);
    if !has_words(&phrase) || is_code(phrase.trim()) {
        return as_it_is();
    }
    let Some(words) = say(phrase.trim()) else {
        return as_it_is();
    };
    let (before, after) = (spaces_before(&phrase), spaces_after(&phrase));
    match filled(&words, &stood) {
        Some(words) => format!("{before}{words}{after}"),
        None => {
            tracing::error!(
                phrase = phrase.trim(),
                "the words said lack a value or a mark"
            );
            as_it_is()
        }
    }
}

/// What stands for a placeholder: its name, and the source.
type Stood = (String, String);

/// The phrase of a run, and what stands for its placeholders.
fn phrase(
    pieces: &[Piece<'_>],
    say: &mut dyn FnMut(&str) -> Option<String>,
) -> (String, Vec<Stood>) {
    let (mut phrase, mut stood, mut open) = (String::new(), Vec::new(), Vec::new());
    let (mut values, mut marks) = (0, 0);
    for piece in pieces {
        let (name, source) = match piece {
            Piece::Value(value) => {
                values += 1;
                (format!("{{{values}}}"), literals(value, say))
            }
            Piece::Mark(mark) if mark.starts_with("</") => (
                format!("</{}>", open.pop().unwrap_or(marks)),
                (*mark).to_owned(),
            ),
            Piece::Mark(mark) => {
                marks += 1;
                let single = element(mark) == "br";
                if !single {
                    open.push(marks);
                }
                let name = format!("<{marks}{}>", if single { "/" } else { "" });
                (name, attributes(mark, say))
            }
            Piece::Text(text) | Piece::Comment(text) | Piece::Statement(text) => {
                push_words(&mut phrase, text);
                continue;
            }
        };
        phrase.push_str(&name);
        stood.push((name, source));
    }
    (phrase, stood)
}

/// Adds text with one space for any number of them.
fn push_words(phrase: &mut String, text: &str) {
    for letter in text.chars() {
        match letter.is_ascii_whitespace() {
            true if phrase.ends_with(' ') => {}
            true => phrase.push(' '),
            false => phrase.push(letter),
        }
    }
}

/// The source again, with the words of expressions said.
fn phrase_source(pieces: &[Piece<'_>], stood: &[Stood]) -> String {
    let mut stood = stood.iter();
    let sources = pieces.iter().map(|piece| match piece {
        Piece::Text(text) | Piece::Comment(text) | Piece::Statement(text) => *text,
        Piece::Value(_) | Piece::Mark(_) => stood.next().map_or("", |(_, source)| source.as_str()),
    });
    sources.collect()
}

/// The words with their placeholders filled; `None` unless each is there once.
fn filled(words: &str, stood: &[Stood]) -> Option<String> {
    let mut said = words.to_owned();
    for (name, source) in stood {
        // A placeholder of the source is never taken for one of the words: values come one by one.
        if words.matches(name.as_str()).count() != 1 {
            return None;
        }
        said = said.replacen(name.as_str(), &source.replace('{', OPEN), 1);
    }
    Some(said.replace(OPEN, "{"))
}

/// Stands for a brace of the source while placeholders are filled: no text holds it.
const OPEN: &str = "\u{1}";

fn spaces_before(phrase: &str) -> &str {
    if phrase.starts_with(' ') { " " } else { "" }
}

fn spaces_after(phrase: &str) -> &str {
    if phrase.ends_with(' ') { " " } else { "" }
}

/// Whether there is a letter outside placeholders and entities.
fn has_words(phrase: &str) -> bool {
    let mut inside = None;
    phrase.chars().any(|letter| {
        match (inside, letter) {
            (None, '{') => inside = Some('}'),
            (None, '<') => inside = Some('>'),
            (None, '&') => inside = Some(';'),
            (Some(end), _) if end == letter => inside = None,
            (None, _) => return letter.is_alphabetic(),
            (Some(_), _) => {}
        }
        false
    })
}

/// Whether it is part of a mark, as a class or an attribute that a macro makes.
fn is_code(phrase: &str) -> bool {
    let marked = phrase.contains('-') || phrase.contains('=');
    marked && !phrase.contains([' ', '<']) && !phrase.contains(|letter: char| letter.is_uppercase())
}

/// A statement or value with its words said.
fn literals(code: &str, say: &mut dyn FnMut(&str) -> Option<String>) -> String {
    let (mut out, mut rest) = (String::with_capacity(code.len()), code);
    while let Some((before, after)) = rest.split_once('"') {
        let Some((text, after)) = after.split_once('"') else {
            break;
        };
        let compared = ["==", "!=", "in", "[", "replace("]
            .iter()
            .any(|sign| before.trim_end().ends_with(sign));
        let words = (!compared && is_prose(text)).then(|| say(text)).flatten();
        let words = words.map_or_else(|| text.to_owned(), |words| words.replace('"', "\u{201d}"));
        out += &format!("{before}\"{words}\"");
        rest = after;
    }
    out + rest
}

/// Whether a literal is words for people: codes, classes and addresses are in small letters without spaces.
fn is_prose(text: &str) -> bool {
    let of_styles = text.contains("nhsuk-") || text.starts_with(['/', '#', '.', '%']);
    let begins = text.starts_with(|letter: char| letter.is_ascii_uppercase());
    let words = text.split(' ').filter(|word| word.len() > 1).count();
    !of_styles && has_words(text) && ((begins && text.len() > 1) || words > 1)
}

/// A mark with the words of its attributes said.
fn attributes(mark: &str, say: &mut dyn FnMut(&str) -> Option<String>) -> String {
    let mut said = mark.to_owned();
    for name in SPOKEN {
        let open = format!(" {name}=\"");
        let Some((before, after)) = said.split_once(&open) else {
            continue;
        };
        let Some(end) = end_of_value(after) else {
            continue;
        };
        let (value, after) = after.split_at(end);
        let mut run = pieces(value).collect();
        said = format!("{before}{open}{}{after}", flush(&mut run, say));
    }
    said
}

/// Where an attribute ends: a value in it may hold quotes of its own.
fn end_of_value(text: &str) -> Option<usize> {
    let mut at = 0;
    for piece in pieces(text) {
        match piece {
            Piece::Value(part) | Piece::Statement(part) | Piece::Comment(part) => at += part.len(),
            Piece::Mark(part) | Piece::Text(part) => match part.find('"') {
                Some(end) => return Some(at + end),
                None => at += part.len(),
            },
        }
    }
    None
}
