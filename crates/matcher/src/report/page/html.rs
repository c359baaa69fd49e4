//! The few parts that the page is made of.

use std::fmt::Write;

use crate::chart::escape;
use crate::evaluate::interval;
pub(super) use crate::explain::grouped as count;
use crate::report::Share;

/// Nothing but the page itself and its own styles.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'";

const STYLE: &str = "\
body{font:16px/1.5 Arial,sans-serif;color:#212b32;background:#fff;margin:0 auto;padding:16px;max-width:1020px}\
h1{font-size:1.9rem;line-height:1.2;margin:.4em 0}h2{font-size:1.35rem;margin:2em 0 .3em;border-top:2px solid #005eb8;padding-top:.6em}\
h3{font-size:1.05rem;margin:1.4em 0 .2em}p{max-width:44em}\
.tiles{display:flex;flex-wrap:wrap;gap:12px;padding:0;list-style:none}.tiles li{flex:1 1 150px;border:1px solid #85929b;padding:10px 14px}\
.tiles b{display:block;font-size:1.6rem}\
.pair{display:flex;flex-wrap:wrap;gap:16px 32px;align-items:flex-start;margin:1em 0}\
.pair>figure{flex:1 1 320px;max-width:480px;margin:0}.pair>div{flex:1 1 320px}svg{width:100%;height:auto;display:block}\
figcaption{font-weight:bold;margin-bottom:.4em}\
.wide{overflow-x:auto;max-width:100%}table{border-collapse:collapse;font-size:.9rem;width:100%}\
td{white-space:nowrap}tbody th{min-width:6em}th,td{padding:4px 8px;border-bottom:1px solid #d8dde0;text-align:right;vertical-align:top}\
th:first-child,td:first-child{text-align:left}thead th{border-bottom:2px solid #85929b}\
caption{text-align:left;font-weight:bold;padding-bottom:.3em}a{color:#005eb8}\
nav ul{padding-left:1.2em;columns:2 16em}\
@media print{h2{break-after:avoid}.pair{break-inside:avoid}}";

/// A page under construction.
pub(super) struct Html {
    title: &'static str,
    contents: Vec<(String, String)>,
    body: String,
}

/// A table under construction.
pub(super) struct Table<'a> {
    pub caption: &'a str,
    pub header: &'a [&'a str],
    pub rows: Vec<Vec<String>>,
}

impl Html {
    pub(super) fn new(title: &'static str) -> Self {
        Self {
            title,
            contents: Vec::new(),
            body: String::new(),
        }
    }

    pub(super) fn section(&mut self, id: &str, title: &str) {
        self.contents.push((id.to_owned(), title.to_owned()));
        let _ = writeln!(self.body, "<h2 id=\"{id}\">{}</h2>", escape(title));
    }

    pub(super) fn heading(&mut self, text: &str) {
        let _ = writeln!(self.body, "<h3>{}</h3>", escape(text));
    }

    pub(super) fn paragraph(&mut self, text: &str) {
        let _ = writeln!(self.body, "<p>{}</p>", escape(text));
    }

    pub(super) fn tiles(&mut self, tiles: &[(&str, String)]) {
        self.body.push_str("<ul class=\"tiles\">");
        for (words, value) in tiles {
            let _ = write!(
                self.body,
                "<li><b>{}</b> {}</li>",
                escape(value),
                escape(words)
            );
        }
        self.body.push_str("</ul>\n");
    }

    /// A chart, and the table with the same numbers.
    pub(super) fn pair(&mut self, title: &str, svg: &str, table: &Table<'_>) {
        let _ = writeln!(
            self.body,
            "<div class=\"pair\"><figure><figcaption>{}</figcaption>{svg}</figure>",
            escape(title)
        );
        self.table(table);
        self.body.push_str("</div>\n");
    }

    pub(super) fn table(&mut self, table: &Table<'_>) {
        let _ = write!(
            self.body,
            "<div class=\"wide\" tabindex=\"0\" role=\"region\" aria-label=\"{0}\"><table><caption>{0}</caption><thead><tr>",
            escape(table.caption)
        );
        for cell in table.header {
            let _ = write!(self.body, "<th scope=\"col\">{}</th>", escape(cell));
        }
        self.body.push_str("</tr></thead><tbody>\n");
        for row in &table.rows {
            self.body.push_str("<tr>");
            for (place, cell) in row.iter().enumerate() {
                let cell = escape(cell);
                let _ = match place {
                    0 => write!(self.body, "<th scope=\"row\">{cell}</th>"),
                    _ => write!(self.body, "<td>{cell}</td>"),
                };
            }
            self.body.push_str("</tr>\n");
        }
        self.body.push_str("</tbody></table></div>\n");
    }

    pub(super) fn finish(self) -> String {
        let mut contents = String::new();
        for (id, title) in &self.contents {
            let _ = write!(contents, "<li><a href=\"#{id}\">{}</a></li>", escape(title));
        }
        format!(
            "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
             <meta http-equiv=\"Content-Security-Policy\" content=\"{POLICY}\">\n\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
             <title>{title}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n<main>\n<h1>{title}</h1>\n\
             <nav aria-label=\"On this page\"><ul>{contents}</ul></nav>\n{body}</main>\n</body>\n</html>\n",
            title = escape(self.title),
            body = self.body,
        )
    }
}

/// A share with as many digits as it can bear: small shares of large counts have more.
pub(super) fn percent(part: u64, whole: u64) -> String {
    if whole == 0 {
        return "-".to_owned();
    }
    of_one(part as f64 / whole as f64)
}

pub(super) fn of_one(share: f64) -> String {
    let percent = 100.0 * share;
    match percent.min(100.0 - percent) {
        0.0 => format!("{percent:.0} %"),
        edge if edge < 0.01 => format!("{percent:.4} %"),
        edge if edge < 1.0 => format!("{percent:.2} %"),
        _ => format!("{percent:.1} %"),
    }
}

/// A share with its 95 % interval.
pub(super) fn with_interval(share: Share) -> String {
    if share.whole == 0 {
        return "-".to_owned();
    }
    let (low, high) = interval(share.part, share.whole);
    format!(
        "{} ({:.1} to {:.1})",
        percent(share.part, share.whole),
        100.0 * low,
        100.0 * high
    )
}
