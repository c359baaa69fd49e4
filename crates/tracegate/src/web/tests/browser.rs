//! A browser without JavaScript: keeps a cookie, reads forms out of pages and sends them back.

use std::collections::BTreeMap;

/// A page as it came.
pub struct Page {
    pub status: u16,
    pub text: String,
    pub location: Option<String>,
    pub headers: BTreeMap<String, String>,
}

impl Page {
    /// Fails unless the page was shown.
    #[track_caller]
    pub fn ok(self) -> Page {
        assert_eq!(self.status, 200, "{}", self.text);
        self
    }

    /// Whether the page says this.
    pub fn says(&self, text: &str) -> bool {
        self.text.contains(text)
    }

    /// Where the answer sends the browser.
    #[track_caller]
    pub fn location(&self) -> String {
        self.location
            .clone()
            .unwrap_or_else(|| panic!("{}: {}", self.status, self.text))
    }

    /// Every hidden input: name and value.
    pub fn all_hidden(&self) -> Vec<(String, String)> {
        let inputs = self.text.split("<input type=\"hidden\" name=\"").skip(1);
        inputs
            .map(|input| {
                let (name, rest) = input.split_once("\" value=\"").unwrap();
                let (value, _) = rest.split_once('"').unwrap();
                (name.to_owned(), plain(value))
            })
            .collect()
    }
}

/// Text as it was before it was escaped.
fn plain(text: &str) -> String {
    text.replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&quot;", "\"")
        .replace("&#x27;", "'")
        .replace("&#x2f;", "/")
        .replace("&#x60;", "`")
        .replace("&amp;", "&")
}

/// Keeps cookies and the session's form token.
pub struct Browser {
    pub address: String,
    agent: ureq::Agent,
    pub cookie: Option<String>,
    pub token: String,
    /// Headers sent with every page asked for.
    pub page_headers: Vec<(&'static str, String)>,
    /// Headers sent with every form.
    pub form_headers: Vec<(&'static str, String)>,
}

impl Browser {
    pub fn new(address: &str) -> Browser {
        let config = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            // A form that is refused unread may end its connection: the next takes a new one.
            .max_idle_connections(0)
            .build();
        Browser {
            address: address.to_owned(),
            agent: config.into(),
            cookie: None,
            token: String::new(),
            page_headers: Vec::new(),
            form_headers: vec![("sec-fetch-site", "same-origin".to_owned())],
        }
    }

    /// Opens a page.
    pub fn get(&mut self, path: &str) -> Page {
        let mut request = self.agent.get(format!("{}{path}", self.address));
        for (name, value) in &self.page_headers {
            request = request.header(*name, value);
        }
        if let Some(cookie) = &self.cookie {
            request = request.header("cookie", cookie);
        }
        let answer = request.call().unwrap();
        self.page(answer)
    }

    /// Sends a form with the token of the page opened last.
    pub fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Page {
        let token = self.token.clone();
        let mut all = vec![("form_token".to_owned(), token)];
        all.extend(
            fields
                .iter()
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned())),
        );
        self.post_exactly(path, &all)
    }

    /// Sends every hidden input of a page, and these fields.
    pub fn submit(&mut self, path: &str, page: &Page, fields: &[(&str, &str)]) -> Page {
        let mut all = page.all_hidden();
        let mut seen = false;
        all.retain(|(name, _)| name != "form_token" || !std::mem::replace(&mut seen, true));
        all.extend(
            fields
                .iter()
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned())),
        );
        self.post_exactly(path, &all)
    }

    /// Sends exactly these fields.
    pub fn post_exactly(&mut self, path: &str, fields: &[(String, String)]) -> Page {
        let mut request = self.agent.post(format!("{}{path}", self.address));
        for (name, value) in &self.form_headers {
            request = request.header(*name, value);
        }
        if let Some(cookie) = &self.cookie {
            request = request.header("cookie", cookie);
        }
        let pairs = fields
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()));
        let answer = request.send_form(pairs).unwrap();
        self.page(answer)
    }

    /// Sends a form with a file in it, with the token of the page opened last.
    pub fn upload(&mut self, path: &str, file: &str) -> Page {
        let mut request = self.agent.post(format!("{}{path}", self.address));
        for (name, value) in &self.form_headers {
            request = request.header(*name, value);
        }
        if let Some(cookie) = &self.cookie {
            request = request.header("cookie", cookie);
        }
        let token = &self.token;
        let part =
            |name: &str| format!("--between\r\ncontent-disposition: form-data; name=\"{name}\"");
        let body = [
            &format!("{}\r\n\r\n{token}\r\n", part("form_token")),
            &format!("{}; filename=\"r.csv\"\r\n\r\n{file}\r\n", part("file")),
            "--between--\r\n",
        ];
        let kind = "multipart/form-data; boundary=between";
        let request = request.header("content-type", kind);
        let answer = request.send(body.concat()).unwrap();
        self.page(answer)
    }

    /// Keeps a cookie, or drops it when it is over.
    fn keep(&mut self, cookie: &str) {
        let (pair, flags) = cookie.split_once(';').unwrap();
        let (name, _) = pair.split_once('=').unwrap();
        let jar = self.cookie.take().unwrap_or_default();
        let others = jar.split("; ").filter(|one| !one.is_empty());
        let mut jar: Vec<&str> = others
            .filter(|one| !one.starts_with(&format!("{name}=")))
            .collect();
        if !flags.contains("Max-Age=0") && !flags.contains("01 Jan 1970") {
            jar.push(pair);
        }
        self.cookie = (!jar.is_empty()).then(|| jar.join("; "));
    }

    fn page(&mut self, mut answer: ureq::http::Response<ureq::Body>) -> Page {
        let text_of = |value: &ureq::http::HeaderValue| value.to_str().unwrap().to_owned();
        let mut headers = BTreeMap::<String, String>::new();
        for (name, value) in answer.headers() {
            let lines = headers.entry(name.to_string()).or_default();
            if !lines.is_empty() {
                lines.push('\n');
            }
            lines.push_str(&text_of(value));
        }
        for cookie in headers
            .get("set-cookie")
            .into_iter()
            .flat_map(|all| all.lines())
        {
            self.keep(cookie);
        }
        let page = Page {
            status: answer.status().as_u16(),
            location: headers.get("location").cloned(),
            // Strokes are escaped in values; nothing is lost by reading them.
            text: answer
                .body_mut()
                .read_to_string()
                .unwrap()
                .replace("&#x2f;", "/"),
            headers,
        };
        if let Some((_, token)) = page
            .all_hidden()
            .into_iter()
            .find(|(n, _)| n == "form_token")
        {
            self.token = token;
        }
        page
    }
}
