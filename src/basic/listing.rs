//! Reads records out of plain text: numbered entries, and blocks of "Title: …", "URL: …" lines, as many search tools
//! print them. Text in no such form yields nothing.

use super::evidence::Item;

/// The number a text states for its results: "Found 12 results", "12 matches".
pub(super) fn stated_total(text: &str) -> Option<u64> {
    let words: Vec<&str> = text.lines().take(5).flat_map(str::split_whitespace).collect();
    words.iter().enumerate().find_map(|(i, word)| {
        let number: u64 = word.trim_matches(|c: char| !c.is_ascii_digit()).replace(',', "").parse().ok()?;
        let whole = word
            .trim_end_matches([',', '.', ':', ')'])
            .trim_start_matches('(')
            .chars()
            .all(|c| c.is_ascii_digit() || c == ',');
        let before = i.checked_sub(1).map(|at| words[at].to_lowercase()).unwrap_or_default();
        let after: Vec<String> = words.iter().skip(i + 1).take(2).map(|w| w.to_lowercase()).collect();
        let things = ["result", "match", "hit", "item", "entr", "document", "record", "stories", "article"];
        let told = after.iter().any(|w| things.iter().any(|thing| w.starts_with(thing)));
        let found = matches!(before.trim_end_matches(':'), "found" | "total");
        // "result 5 of 12": the number before "of" counts nothing.
        (whole && (told || found) && after.first().is_none_or(|w| w != "of")).then_some(number)
    })
}

/// The records of a text, if it is a list of them.
pub(super) fn items(text: &str) -> Vec<Item> {
    let mut items: Vec<Item> = Vec::new();
    let mut numbered = 0;
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
        if let Some(title) = number(line) {
            numbered += 1;
            items.push(titled(title));
            continue;
        }
        let (label, value) = labelled(line);
        if label == "title" || label == "name" {
            match items.last_mut().filter(|item| item.title.is_none()) {
                Some(item) => item.title = Some(value.to_owned()),
                None => items.push(titled(value)),
            }
            continue;
        }
        let Some(item) = items.last_mut() else { continue };
        match label.as_str() {
            "url" | "link" | "source" | "href" => item.url = Some(value.to_owned()),
            "author" | "by" => item.author = Some(value.to_owned()),
            "date" | "published" => item.date = Some(value.to_owned()),
            _ if line.starts_with("http://") || line.starts_with("https://") => item.url = Some(line.to_owned()),
            "summary" | "snippet" | "description" | "content" | "text" | "abstract" => add_text(item, value),
            _ => add_text(item, line),
        }
    }
    let titles = items.iter().filter(|item| item.title.is_some()).count();
    let list = titles == items.len() && (numbered >= 2 || items.iter().any(|item| item.url.is_some()));
    for item in &mut items {
        item.key.clone_from(&item.url);
    }
    if list { items } else { Vec::new() }
}

/// What follows `1.` or `1)` at the start of a line.
fn number(line: &str) -> Option<&str> {
    let digits = line.bytes().take_while(u8::is_ascii_digit).count();
    let rest = line[digits..].strip_prefix(['.', ')'])?;
    (1..=4).contains(&digits).then(|| rest.strip_prefix(' ')).flatten().map(str::trim)
}

fn labelled(line: &str) -> (String, &str) {
    let bare = line.trim_start_matches(['-', '*', '#', ' ']);
    match bare.split_once(':') {
        Some((label, value)) if label.len() <= 14 && !value.starts_with("//") => {
            (label.trim_matches(['*', '_', ' ']).to_lowercase(), value.trim_start_matches(['*', '_']).trim())
        }
        _ => (String::new(), line),
    }
}

/// `[title](url)`, `**title**` or the title alone.
fn titled(text: &str) -> Item {
    let text = text.trim_matches(['*', '_', ' ']);
    let linked =
        text.strip_prefix('[').and_then(|rest| rest.split_once("](")).and_then(|(t, u)| Some((t, u.split_once(')')?)));
    match linked {
        Some((title, (url, rest))) => Item {
            title: Some(title.to_owned()),
            url: Some(url.to_owned()),
            text: Some(rest.trim_start_matches([' ', '-', ':', '\u{2013}', '\u{2014}']).to_owned())
                .filter(|rest| !rest.is_empty()),
            ..Item::default()
        },
        None => Item { title: Some(text.trim_start_matches("Title:").trim().to_owned()), ..Item::default() },
    }
}

fn add_text(item: &mut Item, more: &str) {
    match &mut item.text {
        Some(text) => {
            text.push(' ');
            text.push_str(more);
        }
        None => item.text = Some(more.to_owned()),
    }
}
