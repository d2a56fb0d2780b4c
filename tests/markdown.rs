//! Markdown becomes blocks: what they are, what never becomes one, and that a growing text ends as the whole does.

#![cfg(not(target_arch = "wasm32"))] // the generated cases need proptest, which is native

#[path = "markdown/links.rs"]
mod links;
#[path = "markdown/references.rs"]
mod references;
#[path = "markdown/streaming.rs"]
mod streaming;

use fanout::markdown::link::{WebAddress, web_address};
use fanout::markdown::visible::visible;
use fanout::markdown::{
    Alignment, Block, CitationError, Inline, MAX_DEPTH, MAX_NODES, References, StreamingMarkdown, finished, parse,
    references,
};
use proptest::prelude::*;

/// Tasks 1 to 3 have results, task 5 has none, and there is no other.
fn three(id: u32) -> Result<(), CitationError> {
    match id {
        1..=3 => Ok(()),
        5 => Err(CitationError::NoResult(5)),
        _ => Err(CitationError::NoTask(id)),
    }
}

fn no_task(id: u32) -> Inline {
    Inline::UnsupportedCitation(CitationError::NoTask(id))
}

fn blocks(text: &str) -> Vec<Block> {
    parse(text, &three)
}

fn text(text: &str) -> Inline {
    Inline::Text(text.to_owned())
}

fn paragraph(content: Vec<Inline>) -> Vec<Block> {
    vec![Block::Paragraph(content)]
}

fn link(url: &str, label: &str) -> Inline {
    Inline::Link { url: url.to_owned(), content: vec![text(label)] }
}

#[test]
fn headings_paragraphs_and_rules_become_blocks() {
    assert_eq!(
        blocks("# One\n\nTwo\nlines\n\n***\n\nThree\n---\n"),
        vec![
            Block::Heading { level: 1, content: vec![text("One")] },
            Block::Paragraph(vec![text("Two\nlines")]),
            Block::Rule,
            Block::Heading { level: 2, content: vec![text("Three")] },
        ]
    );
}

#[test]
fn a_list_keeps_its_first_number_and_its_nesting() {
    let item = |t: &str| vec![Block::Paragraph(vec![text(t)])];
    assert_eq!(
        blocks("7. a\n8. b\n   - c\n"),
        vec![Block::List {
            start: Some(7),
            items: vec![
                item("a"),
                vec![Block::Paragraph(vec![text("b")]), Block::List { start: None, items: vec![item("c")] }],
            ],
        }]
    );
}

#[test]
fn tight_and_loose_lists_have_the_same_shape() {
    assert_eq!(blocks("- a\n- b\n"), blocks("- a\n\n- b\n"));
}

#[test]
fn a_code_block_keeps_its_info_string_and_its_lines() {
    assert_eq!(
        blocks("```rust,ignore\nfn f() {}\n\n[1]\n```\n"),
        vec![Block::Code { info: "rust,ignore".to_owned(), text: "fn f() {}\n\n[1]\n".to_owned() }]
    );
}

#[test]
fn a_table_has_alignments_a_head_and_rows() {
    assert_eq!(
        blocks("|a|b|c|\n|:-|:-:|-|\n|1|**2**|[3]|\n"),
        vec![Block::Table {
            alignments: vec![Alignment::Left, Alignment::Center, Alignment::Default],
            head: vec![vec![text("a")], vec![text("b")], vec![text("c")]],
            rows: vec![vec![vec![text("1")], vec![Inline::Strong(vec![text("2")])], vec![Inline::Citation(3)]]],
        }]
    );
}

#[test]
fn emphasis_strikethrough_code_and_hard_breaks_become_inlines() {
    assert_eq!(
        blocks("*a **b*** ~~c~~ `d`  \ne"),
        paragraph(vec![
            Inline::Emphasis(vec![text("a "), Inline::Strong(vec![text("b")])]),
            text(" "),
            Inline::Strikethrough(vec![text("c")]),
            text(" "),
            Inline::Code("d".to_owned()),
            Inline::LineBreak,
            text("e"),
        ])
    );
}

#[test]
fn raw_html_is_text() {
    assert_eq!(blocks("a <b onclick=x>b</b> <!-- c -->"), paragraph(vec![text("a <b onclick=x>b</b> <!-- c -->")]));
    assert_eq!(
        blocks("<script>\nalert(1)\n</script>\n\nafter"),
        vec![Block::Paragraph(vec![text("<script>\nalert(1)\n</script>\n")]), Block::Paragraph(vec![text("after")]),]
    );
}

#[test]
fn hidden_characters_are_shown_and_useful_joiners_kept() {
    assert_eq!(visible("a\u{202e}b\u{200b}c\u{feff}\u{e0041}\u{ad}"), "a⟨U+202E⟩b⟨U+200B⟩c⟨U+FEFF⟩⟨U+E0041⟩⟨U+00AD⟩");
    assert_eq!(visible("a\u{200d}b"), "a⟨U+200D⟩b");
    let unchanged = "👩\u{200d}💻 می\u{200c}خواهم ❤\u{fe0f} tab\tline\n";
    assert_eq!(visible(unchanged), unchanged);
    assert_eq!(
        blocks("x\u{2066}y `a\u{200b}b`"),
        paragraph(vec![text("x⟨U+2066⟩y "), Inline::Code("a⟨U+200B⟩b".to_owned())])
    );
}

fn depth(blocks: &[Block]) -> usize {
    fn inlines(content: &[Inline]) -> usize {
        content
            .iter()
            .map(|inline| match inline {
                Inline::Emphasis(c)
                | Inline::Strong(c)
                | Inline::Strikethrough(c)
                | Inline::Link { content: c, .. } => 1 + inlines(c),
                _ => 1,
            })
            .max()
            .unwrap_or(0)
    }
    let of = |block: &Block| match block {
        Block::Quote(inner) => 1 + depth(inner),
        Block::List { items, .. } => 2 + items.iter().map(|item| depth(item)).max().unwrap_or(0),
        Block::Paragraph(content) | Block::Heading { content, .. } => 1 + inlines(content),
        Block::Table { rows, .. } => 3 + rows.iter().flatten().map(|cell| inlines(cell)).max().unwrap_or(0),
        Block::Code { .. } | Block::Rule => 1,
    };
    blocks.iter().map(of).max().unwrap_or(0)
}

#[test]
fn fifty_kilobytes_of_nesting_stay_shallow_and_lose_no_word() {
    for nest in [">", "> - ", "- ", "1. ", "*a **b ", "[", "![", "<b>", "~~"] {
        let source = format!("{}end", nest.repeat(50_000 / nest.len()));
        let parsed = blocks(&source);
        assert!(depth(&parsed) <= MAX_DEPTH, "{nest}: {}", depth(&parsed));
        assert!(format!("{parsed:?}").contains("end"), "{nest}");
    }
    let spread: Vec<String> = (0..400).map(|n| format!("{}- x{n}\n", "  ".repeat(n))).collect();
    assert!(depth(&blocks(&spread.concat())) <= MAX_DEPTH);
}

#[test]
fn after_the_node_cap_the_rest_is_shown_as_it_is() {
    let source = "- *x*\n".repeat(MAX_NODES);
    let parsed = blocks(&source);
    assert_eq!(parsed.len(), 2);
    let Block::List { items, .. } = &parsed[0] else { panic!("{:?}", parsed[0]) };
    let Block::Code { info, text } = &parsed[1] else { panic!("{:?}", parsed[1]) };
    assert_eq!((info.as_str(), items.len() + text.lines().count()), ("", MAX_NODES));
}
