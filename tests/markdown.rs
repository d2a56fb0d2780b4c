//! Markdown becomes blocks: what they are, what never becomes one, and that a growing text ends as the whole does.

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
fn numbers_in_brackets_that_exist_become_citations() {
    assert_eq!(
        blocks("a [1], b[2][3] c [1, 2] d [1-3] e [2–3]"),
        paragraph(vec![
            text("a "),
            Inline::Citation(1),
            text(", b"),
            Inline::Citation(2),
            Inline::Citation(3),
            text(" c "),
            Inline::Citation(1),
            Inline::Citation(2),
            text(" d "),
            Inline::Citation(1),
            Inline::Citation(2),
            Inline::Citation(3),
            text(" e "),
            Inline::Citation(2),
            Inline::Citation(3),
        ])
    );
}

#[test]
fn other_brackets_stay_text() {
    for source in [
        "[1000]",
        "[2024]",
        "[2019-2024]",
        "[0]",
        "[]",
        "[x]",
        "[1.5]",
        "[3-1]",
        "[1-900]",
        "[-1]",
        "[1, x]",
        "[99999999999]",
        "[1",
        "1]",
        "[ ]",
    ] {
        assert_eq!(blocks(source), paragraph(vec![text(source)]), "{source}");
    }
}

#[test]
fn a_number_that_cites_nothing_stays_as_written_with_the_reason() {
    assert_eq!(blocks("a [9]"), paragraph(vec![text("a "), no_task(9)]));
    assert_eq!(blocks("[1, 9]"), paragraph(vec![Inline::Citation(1), no_task(9)]));
    assert_eq!(blocks("[3-4]"), paragraph(vec![Inline::Citation(3), no_task(4)]));
    assert_eq!(blocks("[5]"), paragraph(vec![Inline::UnsupportedCitation(CitationError::NoResult(5))]));
    assert_eq!(CitationError::NoTask(9).to_string(), "there is no task 9");
    assert_eq!(CitationError::NoResult(5).to_string(), "task 5 has no result");
}

#[test]
fn what_a_text_refers_to_is_told_in_order() {
    let source =
        "# a [2]\n\n- b [1][2]\n\n> [c [1]](https://a.example/)\n\n|d [9]|e [9]|\n|-|-|\n|[3]|**[5]**|\n\n`[4]`";
    assert_eq!(
        references(&blocks(source)),
        References {
            cited: vec![2, 1, 3],
            unsupported: vec![CitationError::NoTask(9), CitationError::NoTask(9), CitationError::NoResult(5)],
            links: vec!["https://a.example/".to_owned()],
        }
    );
}

#[test]
fn escaped_brackets_and_code_hold_no_citations() {
    assert_eq!(blocks(r"\[1\] `[1]`"), paragraph(vec![text("[1] "), Inline::Code("[1]".to_owned())]));
    assert_eq!(blocks("&#91;1]"), paragraph(vec![text("[1]")]));
}

#[test]
fn a_link_holds_no_citation_and_a_numbered_source_cites_the_task() {
    assert_eq!(blocks("[see [1]](https://example.org)"), paragraph(vec![link("https://example.org", "see [1]")]));
    assert_eq!(
        blocks("x [1] y [8]\n\n[1]: https://example.org/a\n[8]: https://example.org/b\n"),
        paragraph(vec![
            text("x "),
            Inline::Citation(1),
            text(" y "),
            no_task(8),
            text(" "),
            link("https://example.org/b", "https://example.org/b"),
        ])
    );
}

#[test]
fn formulas_stay_as_they_were_written() {
    for source in [
        "$x_1$",
        "$a_i + b_i$ and $c_i$",
        "$a*b*c$",
        r"\(x_1^{*} + y_1^{*}\)",
        r"\[ \sum_{i} a_i b_i \]",
        r"$$\|x\|_2 \le \frac{a}{b}$$",
        "$$\na_1 *b* \\\\\n= c_1 [1] ~~d~~\n$$",
        "\\[\n\\begin{pmatrix} a & b \\\\ c & d \\end{pmatrix}\n\\]",
        "($x_1$, *$y_1$)",
        "$x[1]$",
        r"$\{a_1\}$",
        "$a_1 &lt; b_1$",
        "$x_1$ $[y](z)_1$",
    ] {
        assert_eq!(blocks(source), paragraph(vec![text(source)]), "{source}");
    }
}

#[test]
fn around_formulas_markdown_goes_on() {
    assert_eq!(
        blocks("*see $x_1*y_1$* [1] and [a](https://a.example/$b_c$d_e) `$f_g$ h_i`"),
        paragraph(vec![
            Inline::Emphasis(vec![text("see $x_1*y_1$")]),
            text(" "),
            Inline::Citation(1),
            text(" and "),
            link("https://a.example/$b_c$d_e", "a"),
            text(" "),
            Inline::Code("$f_g$ h_i".to_owned()),
        ])
    );
    assert_eq!(
        blocks("|a|\n|-|\n|$x_1 y_2$ *b*|\n"),
        vec![Block::Table {
            alignments: vec![Alignment::Default],
            head: vec![vec![text("a")]],
            rows: vec![vec![vec![text("$x_1 y_2$ "), Inline::Emphasis(vec![text("b")])]]],
        }]
    );
    let code = "```tex\n$$\na_1 *b*\n$$\n```\n";
    let held = Block::Code { info: "tex".to_owned(), text: "$$\na_1 *b*\n$$\n".to_owned() };
    assert_eq!(blocks(code), vec![held]);
}

#[test]
fn money_and_escapes_are_no_formulas() {
    let emphasis = |content: &str| Inline::Emphasis(vec![text(content)]);
    assert_eq!(
        blocks("from $5 [1] to *at most* US$ or $6-$7"),
        paragraph(vec![
            text("from $5 "),
            Inline::Citation(1),
            text(" to "),
            emphasis("at most"),
            text(" US$ or $6-$7")
        ])
    );
    assert_eq!(blocks(r"\$a *b* c\$"), paragraph(vec![text("$a "), emphasis("b"), text(" c$")]));
    assert_eq!(blocks(r"\[sic\] *b* \(c"), paragraph(vec![text("[sic] "), emphasis("b"), text(" (c")]));
    assert_eq!(blocks("$$\n\n*a*\n\n$$").len(), 3);
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
fn only_plain_web_addresses_become_links() {
    let refused = [
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        "vbscript:x",
        "data:text/html,x",
        "file:///etc/passwd",
        "//example.org",
        "/path",
        "mailto:a@example.org",
        "blob:https://example.org/x",
        "https:example.org",
        "https:/example.org",
        "https:///example.org",
        "https://user@example.org",
        "https://user:pass@example.org/",
        "https://example.org\\@evil.example.com",
        "https://a\u{202e}b.example.org",
        "https://exam\tple.org",
        "https://exam\nple.org",
        " https://example.org",
        "\u{1}https://example.org",
        "https://",
        "https://?q",
        "https://#x",
        "https://:80",
        "https://%65xample.org",
        "https://example.org/\u{200b}",
        "https://example.org/a b",
        "https://[::1]@example.org",
        "view-source:https://example.org",
        "https\u{200b}://example.org",
        "httpſ://example.org",
    ];
    for address in refused {
        assert_eq!(web_address(address), None, "{address:?}");
    }
    for (address, host) in [
        ("https://example.org", "example.org"),
        ("HTTP://Example.org:8080/a?b#c", "Example.org:8080"),
        ("https://[::1]/", "[::1]"),
        ("https://example.org/@user?x=a@b", "example.org"),
        ("https://bücher.example", "bücher.example"),
    ] {
        assert_eq!(web_address(address), Some(WebAddress { url: address, host }));
    }
}

#[test]
fn a_refused_link_shows_its_address() {
    let shown = |source: &str| blocks(source);
    assert_eq!(shown("[a](javascript:alert(1))"), paragraph(vec![text("a"), text(" (javascript:alert(1))")]));
    assert_eq!(shown("[a](&#106;avascript&colon;x)"), paragraph(vec![text("a"), text(" (javascript:x)")]));
    assert_eq!(shown("[a](https://u:p@example.org)"), paragraph(vec![text("a"), text(" (https://u:p@example.org)")]));
    assert_eq!(shown("<vbscript:x>"), paragraph(vec![text("vbscript:x")]));
    assert_eq!(
        shown("[a](<https://example.org/\u{202e}x>)"),
        paragraph(vec![text("a"), text(" (https://example.org/⟨U+202E⟩x)")])
    );
}

#[test]
fn no_obfuscated_scheme_becomes_a_link() {
    fn urls(inlines: &[Inline], found: &mut Vec<String>) {
        for inline in inlines {
            match inline {
                Inline::Link { url, content } => {
                    found.push(url.clone());
                    urls(content, found);
                }
                Inline::Emphasis(c) | Inline::Strong(c) | Inline::Strikethrough(c) => urls(c, found),
                _ => {}
            }
        }
    }
    let sources = [
        "[x](java\tscript:alert(1))",
        "[x](java&NewLine;script:alert(1))",
        "[x](<java\u{0}script:alert(1)>)",
        "[x](\u{1}javascript:x)",
        "[x](&#x6A;&#x61;vascript:x)",
        "[x](JAVASCRIPT:x)",
        "![x](javascript:x)",
        "[![x](data:image/svg+xml,y)](vbscript:z)",
        "[x][y]\n\n[y]: javascript:alert(1)",
        "<javascript:alert(1)>",
        "[x]( javascript:x )",
        "[x](https:javascript:x)",
        "[x](http:&#47;&#47;a@b.example)",
        "[x](data:text/html;base64,PHNjcmlwdD4=)",
    ];
    for source in sources {
        let mut found = Vec::new();
        for block in blocks(source) {
            if let Block::Paragraph(content) = block {
                urls(&content, &mut found);
            }
        }
        assert_eq!(found, Vec::<String>::new(), "{source:?}");
    }
}

#[test]
fn an_image_becomes_its_words_and_a_link() {
    assert_eq!(
        blocks("![a *cat*](https://example.org/cat.png)"),
        paragraph(vec![
            text("a "),
            Inline::Emphasis(vec![text("cat")]),
            text(" "),
            link("https://example.org/cat.png", "image at example.org"),
        ])
    );
    assert_eq!(blocks("![](data:image/png;base64,AA)"), paragraph(vec![text("(image: data:image/png;base64,AA)")]));
}

#[test]
fn an_image_inside_a_link_makes_no_link_in_a_link() {
    assert_eq!(
        blocks("[![alt](https://example.org/i.png)](https://example.com)"),
        paragraph(vec![Inline::Link {
            url: "https://example.com".to_owned(),
            content: vec![text("alt"), text(" (image: https://example.org/i.png)")],
        }])
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

const FIXTURES: [&str; 6] = [
    include_str!("fixtures/markdown/formulas.md"),
    include_str!("fixtures/markdown/answer.md"),
    include_str!("fixtures/markdown/boundaries.md"),
    include_str!("fixtures/markdown/crlf.md"),
    include_str!("fixtures/markdown/definitions.md"),
    include_str!("fixtures/markdown/hostile.md"),
];

fn cuts(text: &str) -> Vec<usize> {
    (0..=text.len()).filter(|at| text.is_char_boundary(*at)).collect()
}

/// All blocks after feeding the text in these pieces; checks on the way that settled blocks stay.
fn streamed(text: &str, ends: impl Iterator<Item = usize>) -> Vec<Block> {
    let mut streaming = StreamingMarkdown::new();
    let mut last = Vec::new();
    let mut before: (u32, Vec<Block>) = (0, Vec::new());
    for end in ends {
        let update = streaming.update(&text[..end], &three);
        if update.generation == before.0 {
            assert_eq!(update.settled.get(..before.1.len()), Some(before.1.as_slice()), "at {end}");
        }
        before = (update.generation, update.settled.to_vec());
        last = [update.settled.to_vec(), update.tail].concat();
    }
    last
}

#[test]
fn text_in_pieces_of_any_size_ends_as_the_whole_text_does() {
    for fixture in FIXTURES {
        let all = cuts(fixture);
        for size in [1, 2, 3, 5, 7, 11, 64] {
            let ends = all.iter().copied().step_by(size).chain([fixture.len()]);
            assert_eq!(streamed(fixture, ends), blocks(fixture), "pieces of {size}");
        }
    }
}

#[test]
fn every_prefix_shows_what_one_parse_of_it_shows() {
    for fixture in FIXTURES {
        let mut streaming = StreamingMarkdown::new();
        for end in cuts(fixture) {
            let update = streaming.update(&fixture[..end], &three);
            let shown = [update.settled.to_vec(), update.tail].concat();
            assert_eq!(shown, blocks(&fixture[..end]), "at {end}: {:?}", &fixture[end.saturating_sub(12)..end]);
        }
    }
}

#[test]
fn every_cut_in_two_ends_as_the_whole_text_does() {
    for fixture in FIXTURES {
        for cut in cuts(fixture) {
            assert_eq!(streamed(fixture, [cut, fixture.len()].into_iter()), blocks(fixture), "cut at {cut}");
        }
    }
}

#[test]
fn any_two_pieces_of_syntax_after_each_other_stream_as_they_parse() {
    let lines = [
        "a\n",
        "\n",
        "- b\n",
        "  c\n",
        "    d\n",
        "---\n",
        "===\n",
        "> e\n",
        "1. f\n",
        "2) g\n",
        "```\n",
        "| h | i |\n",
        "|---|---|\n",
        "<div>\n",
        "</div>\n",
        "# j\n",
        "[k]: https://example.org\n",
        "[k]\n",
        "* * *\n",
        "\tl\n",
        "<!-- m\n",
        "n -->\n",
        "- \n",
        "*o\n",
        "p*\n",
        "[k]:\n",
        "$$\n",
        "a_b $c_d *e*$ f\n",
        "\\[g\n",
        "h\\] [1]\n",
    ];
    let mut tried = 0;
    for a in lines {
        for b in lines {
            for c in lines {
                let source = format!("x\n\n{a}{b}{c}\nend\n");
                assert_eq!(streamed(&source, cuts(&source).into_iter()), blocks(&source), "{source:?}");
                tried += 1;
            }
        }
    }
    assert_eq!(tried, 30 * 30 * 30);
}

#[test]
fn blocks_settle_when_the_next_one_has_begun_for_good() {
    let mut streaming = StreamingMarkdown::new();
    let mut counts = |text: &str| {
        let update = streaming.update(text, &three);
        (update.settled.len(), update.tail.len())
    };
    assert_eq!(counts("one"), (0, 1));
    assert_eq!(counts("one\n\ntwo"), (0, 2));
    assert_eq!(counts("one\n\ntwo\n"), (1, 1));
    assert_eq!(counts("one\n\ntwo\n\n- a\n\n- b\n"), (2, 1));
}

#[test]
fn another_text_starts_over() {
    let mut streaming = StreamingMarkdown::new();
    streaming.update("one\n\ntwo\n", &three);
    let update = streaming.update("three", &three);
    assert_eq!((update.generation, update.settled.len(), update.tail), (1, 0, blocks("three")));
}

/// What is shown of a text and could be taken for something else a moment later: citations, links, what looked like them.
fn referring(text: &str) -> Vec<String> {
    let found = references(&parse(finished(text), &three));
    let cited = found.cited.iter().map(|id| format!("[{id}]"));
    let unsupported = found.unsupported.iter().map(ToString::to_string);
    cited.chain(unsupported).chain(found.links).collect()
}

#[test]
fn nothing_shown_turns_into_something_else_while_the_text_grows() {
    let source = "See [1] and [9], [the site](https://a.example/b_(c)), ![an image](https://a.example/i), [1](https://a.example/1), \
        [9](https://a.example/9), <https://a.example/auto>, [2, 9], [x] and [3][1] and [2]: done! [1]";
    let mut before: Vec<String> = Vec::new();
    for end in cuts(source) {
        let now = referring(&source[..end]);
        for shown in &before {
            assert!(now.contains(shown), "{shown} is gone at {end}: {:?}", &source[..end]);
        }
        before = now;
    }
    assert_eq!(
        before,
        [
            "[1]",
            "there is no task 9",
            "there is no task 9",
            "https://a.example/b_(c)",
            "https://a.example/i",
            "https://a.example/1",
            "https://a.example/9",
            "https://a.example/auto",
        ]
        .iter()
        .flat_map(|shown| if *shown == "[1]" { vec!["[1]", "[2]", "[3]"] } else { vec![*shown] })
        .map(str::to_owned)
        .collect::<Vec<_>>()
    );
}

#[test]
fn only_the_unfinished_end_of_a_text_waits() {
    for (source, shown) in [
        ("a [1", "a "),
        ("a [1]", "a "),
        ("a [1] ", "a [1] "),
        ("a [b](https://x", "a "),
        ("a [b](https://x)", "a [b](https://x)"),
        ("a ![b", "a "),
        ("a <ht", "a "),
        ("a < b", "a < b"),
        ("a \\[b", "a \\[b"),
        ("[a\nb", "[a\nb"),
        ("", ""),
    ] {
        assert_eq!(finished(source), shown, "{source:?}");
    }
    let long = format!("[{}", "x".repeat(400));
    assert_eq!(finished(&long), long);
}

proptest! {
    #[test]
    fn any_text_parses_whole_and_its_finished_part_is_its_beginning(source in "[\\[\\]()!<>h$_*\\\\`1x \\n|&;-]{0,60}") {
        prop_assert!(source.starts_with(finished(&source)));
        let all = cuts(&source);
        prop_assert_eq!(streamed(&source, all.into_iter()), blocks(&source));
    }
}
