//! A growing text ends as the whole does, and nothing shown on the way turns into something else.

use super::*;

const FIXTURES: [&str; 6] = [
    include_str!("../fixtures/markdown/formulas.md"),
    include_str!("../fixtures/markdown/answer.md"),
    include_str!("../fixtures/markdown/boundaries.md"),
    include_str!("../fixtures/markdown/crlf.md"),
    include_str!("../fixtures/markdown/definitions.md"),
    include_str!("../fixtures/markdown/hostile.md"),
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

#[test]
fn a_formula_ends_with_its_line_also_behind_a_backslash() {
    let source = "$\\\n>\\-$-\n\n";
    assert_eq!(streamed(source, cuts(source).into_iter()), blocks(source));
}

#[test]
fn what_is_no_table_in_the_end_ends_no_paragraph() {
    for source in ["(\n|_\n-|;", "[\n|\\\n-|h"] {
        assert_eq!(streamed(source, cuts(source).into_iter()), blocks(source), "{source:?}");
    }
}

proptest! {
    #[test]
    fn any_text_parses_whole_and_its_finished_part_is_its_beginning(source in "[\\[\\]()!<>h$_*\\\\`1x \\n|&;-]{0,60}") {
        prop_assert!(source.starts_with(finished(&source)));
        let all = cuts(&source);
        prop_assert_eq!(streamed(&source, all.into_iter()), blocks(&source));
    }
}
