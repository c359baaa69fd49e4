//! Writes elements.

use crate::element::SPACES;

/// A document that grows.
pub struct Writer(String);

impl Writer {
    /// A document with this root.
    pub fn document(root: &str, content: impl FnOnce(&mut Writer)) -> String {
        let mut writer = Writer("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n".to_owned());
        let declare = |(prefix, uri): (&str, &str)| match prefix.strip_suffix(':') {
            Some(prefix) => format!(" xmlns:{prefix}=\"{uri}\""),
            None => format!(" xmlns=\"{uri}\""),
        };
        let spaces = SPACES.map(declare).concat();
        writer.wrapped(root, &spaces, content);
        writer.0
    }

    fn wrapped(&mut self, name: &str, attributes: &str, content: impl FnOnce(&mut Writer)) {
        self.0.push_str(&format!("<{name}{attributes}>"));
        content(self);
        self.0.push_str(&format!("</{name}>"));
    }

    /// An element with others inside.
    pub fn element(&mut self, name: &str, content: impl FnOnce(&mut Writer)) {
        self.wrapped(name, "", content);
    }

    /// An object of this type.
    pub fn object(&mut self, kind: &str, content: impl FnOnce(&mut Writer)) {
        self.wrapped("HI1Object", &format!(" xsi:type=\"{kind}\""), content);
    }

    /// An element with text inside.
    pub fn text(&mut self, name: &str, text: &str) {
        self.wrapped(name, "", |writer| writer.escaped(text));
    }

    /// An element with text inside, unless there is none to write.
    pub fn some_text(&mut self, name: &str, text: &str) {
        if !text.is_empty() {
            self.text(name, text);
        }
    }

    /// An entry of a dictionary.
    pub fn entry(&mut self, name: &str, (owner, dictionary): (&str, &str), value: &str) {
        self.element(name, |writer| {
            writer.text("common:Owner", owner);
            writer.text("common:Name", dictionary);
            writer.text("common:Value", value);
        });
    }

    fn escaped(&mut self, text: &str) {
        for c in text.chars() {
            match c {
                '&' => self.0.push_str("&amp;"),
                '<' => self.0.push_str("&lt;"),
                '>' => self.0.push_str("&gt;"),
                // A parser would read it as a line feed.
                '\r' => self.0.push_str("&#13;"),
                c => self.0.push(c),
            }
        }
    }
}
