//! What refers to results, what only looks like it, and formulas, in which nothing does.

use super::*;

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
