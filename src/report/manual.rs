//! The manual as one HTML page: chapters in plain words (`assets/manual/*.md`), the claims of the source documents with
//! verdicts, and a reference made of the program's own tables, so that it cannot say anything else than the program does.
//!
//! It needs no network and no other file. Nothing here runs a twin.

mod claims;
mod reference;

use pulldown_cmark::{CowStr, Event, Options, Parser, Tag, TagEnd, html};

use super::debrief::html::{Table, p};
use super::debrief::page::document;
use super::svg::escape;

pub use claims::{Claim, Figure, Verdict, claims};

macro_rules! chapters {
    ($($name:literal),+ $(,)?) => {
        /// The chapters in order: file name without `.md`, and text.
        pub const CHAPTERS: &[(&str, &str)] = &[$(($name, include_str!(concat!("../../assets/manual/", $name, ".md")))),+];
    };
}
chapters!("start", "operator", "trainer", "engineer", "site", "words", "safety");

/// A command of the program: its name and what its `--help` prints.
#[derive(Clone, Debug)]
pub struct Command {
    /// As typed behind the program's name.
    pub name: String,
    /// The whole text.
    pub help: String,
}

/// The whole page.
///
/// # Errors
/// If a table of the program is not sound; tests keep them so.
pub fn page(version: &str, commands: &[Command]) -> Result<String, String> {
    let mut contents = Vec::new();
    let mut body = String::new();
    for (_, text) in CHAPTERS {
        body += &chapter(text, &mut contents);
    }
    let mut section = |title: &str, text: String| {
        contents.push((1, title.to_owned()));
        body += &format!("<h1 id=\"{}\">{}</h1>{text}", slug(title), escape(title));
    };
    section("What the sources claim", claims::section(claims()?));
    for (title, text) in reference::sections()? {
        section(title, text);
    }
    section("Commands", commands.iter().map(command).collect());
    let list: String = contents
        .iter()
        .filter(|(level, _)| *level == 1)
        .map(|(_, t)| format!("<li><a href=\"#{}\">{}</a></li>", slug(t), escape(t)))
        .collect();
    let head = format!("<h1>ballast: manual</h1>{}<ul>{list}</ul>", p("quiet", &format!("Version {version}")));
    Ok(document("ballast: manual", &(head + &body)))
}

fn command(c: &Command) -> String {
    format!("<h2 id=\"{0}\">{1}</h2><pre>{2}</pre>", slug(&c.name), escape(&c.name), escape(&c.help))
}

/// A chapter as HTML; its headings, level and text, are added to `contents` and can be linked to by their [`slug`].
fn chapter(markdown: &str, contents: &mut Vec<(usize, String)>) -> String {
    let mut events: Vec<Event<'_>> = Parser::new_ext(markdown, Options::ENABLE_TABLES).collect();
    for i in 0..events.len() {
        let Event::Start(Tag::Heading { level, .. }) = &events[i] else { continue };
        let level = *level as usize;
        let words = events[i..].iter().take_while(|e| !matches!(e, Event::End(TagEnd::Heading(_))));
        let title: String = words
            .filter_map(|e| match e {
                Event::Text(t) | Event::Code(t) => Some(t.as_ref()),
                _ => None,
            })
            .collect();
        if let Event::Start(Tag::Heading { id, .. }) = &mut events[i] {
            *id = Some(CowStr::from(slug(&title)));
        }
        contents.push((level, title));
    }
    let mut out = String::new();
    html::push_html(&mut out, events.into_iter());
    out
}

/// A heading as the name of a place on the page: `Step now` is `step-now`.
#[must_use]
pub fn slug(title: &str) -> String {
    let words = title.to_lowercase();
    let parts = words.split(|c: char| !c.is_alphanumeric()).filter(|w| !w.is_empty());
    parts.collect::<Vec<_>>().join("-")
}

/// A table of names, right-aligned where a head ends in `>`.
fn table(head: &[&str], lines: impl IntoIterator<Item = Vec<String>>) -> String {
    let mut t = Table::new("", head);
    for line in lines {
        t.line(&line.iter().map(String::as_str).collect::<Vec<_>>());
    }
    t.finish()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;
    use std::path::Path;

    #[test]
    fn every_chapter_is_in_the_manual() -> Result<(), Box<dyn std::error::Error>> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/manual");
        let there: BTreeSet<String> = std::fs::read_dir(folder)?
            .filter_map(|e| Some(e.ok()?.file_name().to_str()?.strip_suffix(".md")?.to_owned()))
            .collect();
        assert_eq!(CHAPTERS.iter().map(|(n, _)| (*n).to_owned()).collect::<BTreeSet<_>>(), there);
        Ok(())
    }

    #[test]
    fn every_link_within_the_page_leads_somewhere() -> Result<(), String> {
        let page = page("test", &[])?;
        let ids: BTreeSet<&str> = page.split("id=\"").skip(1).filter_map(|s| s.split('"').next()).collect();
        let links: Vec<&str> = page.split("href=\"#").skip(1).filter_map(|s| s.split('"').next()).collect();
        assert!(links.len() > 10);
        assert_eq!(links.iter().filter(|l| !ids.contains(*l)).collect::<Vec<_>>(), Vec::<&&str>::new());
        assert!(!page.contains("src=\"http") && !page.contains("href=\"http"), "it needs no network");
        Ok(())
    }
}
