//! Elements of a message, each taken once, in the order of the schema; whatever is left over is refused by name.

use roxmltree::{Document, Node, NodeType, ParsingOptions};

use crate::Fault;

/// Longest message, in bytes: a request is some 20 kB with every text at a page.
pub const BYTES_MAX: usize = 200_000;
/// Most nodes: a message with every field has some 600.
const NODES_MAX: u32 = 5_000;
/// Deepest element: the schema goes down to 12.
const DEPTH_MAX: usize = 16;
/// Longest text (TS 103 280, `LongString`), in characters.
const LONG_CHARS_MAX: usize = 65_535;
/// Longest name of an element that is repeated in a fault, in characters.
const NAME_CHARS_MAX: usize = 60;

/// Namespaces of the schema, with the prefixes by which this crate calls them.
pub const SPACES: [(&str, &str); 6] = [
    ("", "http://uri.etsi.org/03120/common/2019/10/Core"),
    ("common:", "http://uri.etsi.org/03120/common/2016/02/Common"),
    ("task:", "http://uri.etsi.org/03120/common/2020/09/Task"),
    (
        "auth:",
        "http://uri.etsi.org/03120/common/2020/09/Authorisation",
    ),
    ("doc:", "http://uri.etsi.org/03120/common/2020/09/Document"),
    ("xsi:", "http://www.w3.org/2001/XMLSchema-instance"),
];

/// The document, if it is small, shallow, well-formed, and declares no entities.
pub fn parse(bytes: &[u8]) -> Result<Document<'_>, Fault> {
    let fault = |problem: &str, remedy: &str| Fault::new("/", problem, remedy);
    if bytes.len() > BYTES_MAX {
        let remedy = format!("send at most {BYTES_MAX} bytes, about one person");
        return Err(Fault::new("/", "is too long", remedy));
    }
    let text = std::str::from_utf8(bytes).map_err(|_| fault("is not UTF-8", "encode it so"))?;
    let options = ParsingOptions {
        allow_dtd: false,
        nodes_limit: NODES_MAX,
        ..ParsingOptions::default()
    };
    let document = Document::parse_with_options(text, options).map_err(|error| match error {
        roxmltree::Error::DtdDetected => fault(
            "has a document type declaration",
            "leave it out; entities are not read",
        ),
        roxmltree::Error::NodesLimitReached => {
            fault("has too many elements", "send one request about one person")
        }
        error => {
            let problem = format!("is not well-formed at line {}", error.pos());
            fault(&problem, "write XML 1.0 with namespaces")
        }
    })?;
    let too_deep = |node: Node| node.ancestors().nth(DEPTH_MAX + 1).is_some();
    if document.descendants().any(too_deep) {
        return Err(fault(
            "has elements too deep inside each other",
            "keep to the schema",
        ));
    }
    Ok(document)
}

/// An element whose children are taken from the first to the last.
pub struct Element<'a, 'i> {
    node: Node<'a, 'i>,
    path: String,
    next: Option<Node<'a, 'i>>,
}

/// A name with this crate's own prefix, whatever prefix the sender wrote.
fn own_name(space: Option<&str>, local: &str) -> String {
    let known = SPACES.iter().find(|(_, uri)| Some(*uri) == space);
    let local: String = local.chars().take(NAME_CHARS_MAX).collect();
    known.map_or_else(
        || format!("{{other namespace}}{local}"),
        |(prefix, _)| format!("{prefix}{local}"),
    )
}

fn name_of(node: Node) -> String {
    own_name(node.tag_name().namespace(), node.tag_name().name())
}

impl<'a, 'i> Element<'a, 'i> {
    /// The root, which must have this name.
    pub fn root(document: &'a Document<'i>, name: &str) -> Result<Element<'a, 'i>, Fault> {
        let node = document.root_element();
        let found = name_of(node);
        if found != name {
            let problem = format!("is `{found}`");
            let remedy = format!("send `{name}` of the Core schema");
            return Err(Fault::new("/", problem, remedy));
        }
        Element::enter(node, "")
    }

    fn enter(node: Node<'a, 'i>, above: &str) -> Result<Element<'a, 'i>, Fault> {
        let path = format!("{above}/{}", name_of(node));
        for attribute in node.attributes() {
            let name = own_name(attribute.namespace(), attribute.name());
            if name != "xsi:type" && name != "xsi:schemaLocation" {
                let problem = "is an attribute that is not taken";
                let path = format!("{path}/@{name}");
                return Err(Fault::new(&path, problem, "leave it out"));
            }
        }
        let next = node.first_child();
        let mut element = Element { node, path, next };
        element.skip();
        Ok(element)
    }

    /// Goes on to the next element.
    fn skip(&mut self) {
        let passes = |node: &Node| match node.node_type() {
            NodeType::Comment => true,
            NodeType::Text => node.text().is_none_or(|text| text.trim().is_empty()),
            _ => false,
        };
        while let Some(node) = self.next.filter(passes) {
            self.next = node.next_sibling();
        }
    }

    /// Where it stands.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// A fault here.
    pub fn fault(&self, problem: impl Into<String>, remedy: impl Into<String>) -> Fault {
        Fault::new(&self.path, problem, remedy)
    }

    /// The type that it says it has, with this crate's own prefix.
    pub fn kind(&self) -> Result<String, Fault> {
        let (_, xsi) = SPACES[5];
        let missing = || self.fault("has no `xsi:type`", "say which object it is");
        let kind = self.node.attribute((xsi, "type")).ok_or_else(missing)?;
        let (prefix, local) = match kind.trim().split_once(':') {
            Some((prefix, local)) => (Some(prefix), local),
            None => (None, kind.trim()),
        };
        Ok(own_name(self.node.lookup_namespace_uri(prefix), local))
    }

    /// The next child, if it has this name.
    pub fn take(&mut self, name: &str) -> Result<Option<Element<'a, 'i>>, Fault> {
        let Some(node) = self
            .next
            .filter(|node| node.is_element() && name_of(*node) == name)
        else {
            return Ok(None);
        };
        self.next = node.next_sibling();
        self.skip();
        Element::enter(node, &self.path).map(Some)
    }

    /// The next child, which must have this name.
    pub fn need(&mut self, name: &str) -> Result<Element<'a, 'i>, Fault> {
        if let Some(element) = self.take(name)? {
            return Ok(element);
        }
        // What stands in its place says more than what is missing.
        self.left_over()?;
        Err(self.fault(format!("has no `{name}`"), "add it, in the schema's order"))
    }

    /// The text of the next child, if it has this name.
    pub fn take_text(&mut self, name: &str) -> Result<Option<String>, Fault> {
        self.take(name)?.map(Element::text).transpose()
    }

    /// The text of the next child, which must have this name.
    pub fn need_text(&mut self, name: &str) -> Result<String, Fault> {
        self.need(name)?.text()
    }

    /// The text, where there is nothing else.
    pub fn text(self) -> Result<String, Fault> {
        let mut text = String::new();
        for node in self.node.children() {
            match node.node_type() {
                NodeType::Text => text.push_str(node.text().unwrap_or_default()),
                NodeType::Comment => {}
                _ => return Err(self.fault("holds more than text", "write text alone")),
            }
        }
        if text.chars().count() > LONG_CHARS_MAX {
            let remedy = format!("write at most {LONG_CHARS_MAX} characters");
            return Err(self.fault("is too long", remedy));
        }
        Ok(text)
    }

    fn left_over(&self) -> Result<(), Fault> {
        match self.next {
            None => Ok(()),
            Some(node) if node.is_element() => {
                let path = format!("{}/{}", self.path, name_of(node));
                let problem = "is not taken, or not here";
                let remedy =
                    "leave it out; the gate's description of TS 103 120 names what is taken";
                Err(Fault::new(&path, problem, remedy))
            }
            Some(_) => Err(self.fault("holds text between its elements", "leave it out")),
        }
    }

    /// Everything must have been taken.
    pub fn end(self) -> Result<(), Fault> {
        self.left_over()
    }
}
