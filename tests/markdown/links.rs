//! Which addresses become links, and what is shown of the others.

use super::*;

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
