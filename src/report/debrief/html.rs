//! A small writer of HTML: elements with escaped text, tables, and files inside a link.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD as BASE64;

use crate::report::svg::escape;

/// A table in the making.
#[derive(Debug, Default)]
pub(in crate::report) struct Table {
    text: String,
    columns: usize,
}

impl Table {
    /// With a header; a column whose name ends in `>` holds numbers and stands to the right.
    pub(in crate::report) fn new(class: &str, head: &[&str]) -> Self {
        let cells: Vec<String> = head
            .iter()
            .map(|h| match h.strip_suffix('>') {
                Some(name) => format!("<th class=\"r\">{}</th>", escape(name)),
                None => format!("<th>{}</th>", escape(h)),
            })
            .collect();
        Self {
            text: format!("<table class=\"{class}\"><thead><tr>{}</tr></thead><tbody>", cells.concat()),
            columns: head.len(),
        }
    }

    /// A line; a cell that begins with `>` is a number.
    pub(in crate::report) fn line(&mut self, cells: &[&str]) {
        self.text.push_str("<tr>");
        for c in cells {
            match c.strip_prefix('>') {
                Some(number) => self.text.push_str(&format!("<td class=\"r\">{}</td>", escape(number))),
                None => self.text.push_str(&format!("<td>{}</td>", escape(c))),
            }
        }
        self.text.push_str("</tr>");
    }

    /// A line over all columns.
    pub(in crate::report) fn heading(&mut self, text: &str, right: &str) {
        let span = self.columns.saturating_sub(1).max(1);
        self.text.push_str(&format!(
            "<tr class=\"g\"><td colspan=\"{span}\">{}</td><td class=\"r\">{}</td></tr>",
            escape(text),
            escape(right)
        ));
    }

    pub(in crate::report) fn finish(mut self) -> String {
        self.text.push_str("</tbody></table>");
        self.text
    }
}

/// A paragraph.
pub(in crate::report) fn p(class: &str, text: &str) -> String {
    if class.is_empty() {
        format!("<p>{}</p>", escape(text))
    } else {
        format!("<p class=\"{class}\">{}</p>", escape(text))
    }
}

/// A list; a line a text.
pub(in crate::report) fn list(items: &[String]) -> String {
    let items: Vec<String> = items.iter().map(|i| format!("<li>{}</li>", escape(i))).collect();
    format!("<ul>{}</ul>", items.concat())
}

/// Names and values side by side.
pub(in crate::report) fn facts(pairs: &[(&str, String)]) -> String {
    let all: Vec<String> = pairs
        .iter()
        .filter(|(_, v)| !v.is_empty())
        .map(|(k, v)| format!("<div><dt>{}</dt><dd>{}</dd></div>", escape(k), escape(v)))
        .collect();
    format!("<dl>{}</dl>", all.concat())
}

/// A link that saves a text as a file; the text is inside the link, so nothing is fetched.
pub(in crate::report) fn file_link(name: &str, label: &str, text: &str) -> String {
    format!(
        "<a class=\"file\" download=\"{}\" href=\"data:text/csv;charset=utf-8;base64,{}\">{}</a>",
        escape(name),
        BASE64.encode(text),
        escape(label)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_holds_the_file_in_itself() {
        let link = file_link("a&b.csv", "save", "foobar");
        assert!(link.contains("download=\"a&amp;b.csv\"") && link.contains("base64,Zm9vYmFy\""), "{link}");
    }

    #[test]
    fn cells_are_escaped_and_numbers_stand_right() {
        let mut t = Table::new("x", &["a", "b>"]);
        t.line(&["<b>", ">1"]);
        let text = t.finish();
        assert!(text.contains("<td>&lt;b&gt;</td><td class=\"r\">1</td>") && text.contains("<th class=\"r\">b</th>"));
    }
}
