//! Each kind of file, and each encoding.

use super::*;

/// What is read of a file: its title and its text.
fn read(path: &str, bytes: impl AsRef<[u8]>) -> (String, String) {
    let document = add(&Shelf::default(), path, bytes).expect("a text");
    (document.title.clone(), document.text.to_string())
}

fn refusal(path: &str, bytes: impl AsRef<[u8]>) -> String {
    add(&Shelf::default(), path, bytes).expect_err("not a text").to_string()
}

#[test]
fn plain_text_is_its_own_and_goes_by_its_file_name() {
    assert_eq!(read("a/b.txt", "One\r\ntwo"), ("b.txt".to_owned(), "One\r\ntwo".to_owned()));
    assert_eq!(read("LICENSE", "MIT"), ("LICENSE".to_owned(), "MIT".to_owned()));
}

#[test]
fn markdown_goes_by_its_first_heading() {
    let text = "---\ndate: 2026\n---\n\nIntro\n\n# The plan #\n\n## More\n";
    assert_eq!(read("plan.md", text), ("The plan".to_owned(), text.to_owned()));
    assert_eq!(read("front.md", "---\ntitle: \"In front\"\n---\nText").0, "In front");
    assert_eq!(read("none.md", "#hashtag only").0, "none.md");
}

#[test]
fn of_html_the_title_and_what_a_reader_would_see_remain() {
    let (title, text) = read("page.html", include_str!("../fixtures/files/page.html"));
    assert_eq!(title, "Ships & harbours");
    assert_eq!(text, include_str!("../fixtures/files/page.txt").trim_end());
}

#[test]
fn html_without_words_is_shown_as_what_it_is_made_of() {
    let text = "<script>document.write('hi')</script>";
    assert_eq!(read("app.html", text).1, text);
}

#[test]
fn json_stands_as_it_is() {
    let text = "{\"name\": \"Ada\", \"n\": 12345678901234567890123}";
    assert_eq!(read("a.json", text), ("a.json".to_owned(), text.to_owned()));
    assert_eq!(read("broken.json", "{\"name\": ").1, "{\"name\": ");
}

#[test]
fn each_row_of_a_table_says_what_its_columns_are() {
    let text = "name,city,note\nAda,London,\"first, \"\"great\"\"\nprogrammer\"\nGrace,,navy,extra\n";
    let expected = "Columns: name, city, note\n\
        name: Ada; city: London; note: first, \"great\"\nprogrammer\n\
        name: Grace; note: navy; extra\n";
    assert_eq!(read("people.csv", text).1, expected);
    assert_eq!(read("people.tsv", "a\tb\n1,5\t2\n").1, "Columns: a, b\na: 1,5; b: 2\n");
    assert_eq!(read("german.csv", "Preis;Ort\n1,5;Köln\n").1, "Columns: Preis, Ort\nPreis: 1,5; Ort: Köln\n");
}

#[test]
fn utf_8_and_utf_16_with_a_mark_are_read() {
    let utf16 = |unit: fn(u16) -> [u8; 2]| "\u{feff}Grüße 👋".encode_utf16().flat_map(unit).collect::<Vec<u8>>();
    assert_eq!(read("a.txt", utf16(u16::to_le_bytes)).1, "Grüße 👋");
    assert_eq!(read("a.txt", utf16(u16::to_be_bytes)).1, "Grüße 👋");
    assert_eq!(read("a.txt", "\u{feff}Grüße").1, "Grüße");
}

#[test]
fn what_cannot_be_read_is_named_with_the_reason() {
    let encoding = |path: &str| {
        format!("{path} is neither UTF-8 nor UTF-16 with a byte order mark; save it as UTF-8 and add it again")
    };
    assert_eq!(refusal("latin.txt", b"Gr\xfc\xdfe aus K\xf6ln"), encoding("latin.txt"));
    assert_eq!(refusal("odd.txt", b"\xff\xfea\0b"), encoding("odd.txt"));
    assert_eq!(refusal("alone.txt", b"\xff\xfe\x3d\xd8"), encoding("alone.txt"));
    assert_eq!(refusal("wide.txt", b"\xff\xfe\0\0a\0\0\0"), encoding("wide.txt"));
    let pdf = "paper.pdf is a PDF, which this page does not read; save its text as .txt, .md or .html and add that";
    assert_eq!(refusal("paper.pdf", b"%PDF-1.7\n..."), pdf);
    assert_eq!(refusal("x/photo.png", b"\x89PNG\r\n\x1a\n"), "x/photo.png is a picture, not a text");
    assert_eq!(refusal("a.docx", b"PK\x03\x04..."), "a.docx is a ZIP archive or an office document, not a text");
    assert_eq!(refusal("a.bin", b"ab\0cd"), "a.bin is a binary file, not a text");
    assert_eq!(refusal("empty.txt", b" \n"), "empty.txt holds no text");
    let large = vec![b'a'; 8 * 1024 * 1024 + 1];
    assert_eq!(refusal("dump.log", large), "dump.log has 9 MiB; a file may have up to 8 MiB, so split it");
}
