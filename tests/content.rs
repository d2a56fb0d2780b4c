//! What results consist of, and what bytes are.

#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

use fanout::content::base64::decode;
use fanout::content::format::{Format, pixels};
use fanout::content::{self, Annotations, Block, Content, Link, Media, blocks};
use serde_json::{Value, json};

fn same(text: &str, value: &Value) -> bool {
    serde_json::from_str::<Value>(text).is_ok_and(|parsed| parsed == *value)
}

fn contents(result: &Value) -> Vec<Content<'_>> {
    blocks(result, same).into_iter().map(|block| block.content).collect()
}

fn plain(content: Content<'_>) -> Block<'_> {
    Block { content, annotations: Annotations::default() }
}

#[test]
fn every_kind_of_block_is_what_it_says() {
    let result = json!({ "content": [
        { "type": "text", "text": "hi" },
        { "type": "image", "data": "AAAA", "mimeType": "image/png" },
        { "type": "audio", "data": "BBBB", "mimeType": "audio/wav" },
        { "type": "resource_link", "uri": "file:///a.txt", "name": "a", "title": "A", "description": "d", "mimeType": "text/plain", "size": 12 },
        { "type": "resource", "resource": { "uri": "x:1", "mimeType": "text/plain", "text": "inside" } },
        { "type": "resource", "resource": { "uri": "x:2", "blob": "CCCC" } },
        { "type": "hologram", "depth": 3 }
    ] });
    let link = Link {
        uri: "file:///a.txt",
        name: Some("A"),
        description: Some("d"),
        media_type: Some("text/plain"),
        size: Some(12),
    };
    let expected = [
        Content::Text("hi"),
        Content::Image(Media { data: "AAAA", media_type: Some("image/png") }),
        Content::Audio(Media { data: "BBBB", media_type: Some("audio/wav") }),
        Content::Link(link),
        Content::EmbeddedText { uri: "x:1", media_type: Some("text/plain"), text: "inside" },
        Content::EmbeddedFile { uri: "x:2", media: Media { data: "CCCC", media_type: None } },
        Content::Unknown(&result["content"][6]),
    ];
    assert_eq!(contents(&result), expected);
}

#[test]
fn structured_content_stands_beside_texts_that_do_not_say_the_same() {
    let told = json!({ "content": [{ "type": "text", "text": "{ \"a\": 1 }" }], "structuredContent": { "a": 1 } });
    assert_eq!(contents(&told), [Content::Text("{ \"a\": 1 }")]);
    let other = json!({ "content": [{ "type": "text", "text": "one" }], "structuredContent": [1] });
    assert_eq!(contents(&other), [Content::Text("one"), Content::Structured(&other["structuredContent"])]);
}

#[test]
fn nothing_is_left_out_whatever_its_shape() {
    let halves = json!({ "content": [
        { "type": "text" }, { "type": "image", "mimeType": "image/png" }, { "type": "resource" },
        { "type": "resource", "resource": { "uri": "x" } }, { "type": "resource_link" }, {}, "text", null, 5
    ] });
    let unknown: Vec<Content<'_>> = halves["content"].as_array().unwrap().iter().map(Content::Unknown).collect();
    assert_eq!(contents(&halves), unknown);
    for result in
        [json!({}), json!({ "content": [] }), json!({ "content": "text" }), json!([1]), json!("text"), json!(null)]
    {
        assert_eq!(blocks(&result, same), [plain(Content::Whole(&result))], "{result}");
    }
}

#[test]
fn annotations_are_kept_beside_the_block_and_inside_the_resource() {
    let result = json!({ "content": [
        { "type": "text", "text": "a", "annotations": { "audience": ["user", "assistant"], "priority": 0.5, "lastModified": "2025-01-12T15:00:58Z" } },
        { "type": "resource", "resource": { "uri": "x", "text": "b", "annotations": { "priority": 1 } } },
        { "type": "text", "text": "c", "annotations": "none" }
    ] });
    let said: Vec<Annotations<'_>> = blocks(&result, same).into_iter().map(|block| block.annotations).collect();
    let expected = [
        Annotations {
            audience: vec!["user", "assistant"],
            priority: Some(0.5),
            last_modified: Some("2025-01-12T15:00:58Z"),
        },
        Annotations { priority: Some(1.0), ..Annotations::default() },
        Annotations::default(),
    ];
    assert_eq!(said, expected);
}

#[test]
fn base64_is_read_as_servers_send_it() {
    let read = |text: &str| decode(text).map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
    let some = |text: &str| Some(text.to_owned());
    assert_eq!(
        ["", "Zg==", "Zm8=", "Zm9v", "Zm9vYg", "Zm9v\r\nYmFy "].map(read),
        ["", "f", "fo", "foo", "foob", "foobar"].map(some)
    );
    assert_eq!(decode("-_-_"), decode("+/+/"));
    assert_eq!(decode("+/+/"), Some(vec![0xfb, 0xff, 0xbf]));
    assert_eq!(read("data:text/plain;base64,Zm9v"), some("foo"));
    for wrong in ["Z", "Zm9v=", "Zg===", "Z=g=", "Zm9v!", "data:text/plain,foo", "Zm9vZ"] {
        assert_eq!(decode(wrong), None, "{wrong}");
    }
}

/// The bytes that hexadecimal digits spell.
fn hex(digits: &str) -> Vec<u8> {
    let digits: Vec<u8> =
        digits.chars().filter_map(|c| c.to_digit(16)).map(|digit| u8::try_from(digit).unwrap()).collect();
    digits.chunks(2).map(|pair| pair[0] << 4 | pair[1]).collect()
}

#[test]
fn bytes_are_told_by_how_they_begin_and_never_by_what_they_are_called() {
    let formats = [
        ("89504e47 0d0a1a0a 0000000d", Some(Format::Png)),
        ("ffd8ffe0 00104a46", Some(Format::Jpeg)),
        ("474946383961 0100 0100", Some(Format::Gif)),
        ("52494646 24000000 57454250 56503820", Some(Format::WebP)),
        ("52494646 24000000 57415645 666d7420", Some(Format::Wav)),
        ("4f676753 0002", Some(Format::Ogg)),
        ("494433 04", Some(Format::Mp3)),
        ("fffb9064", Some(Format::Mp3)),
        ("fff15080", None),
        ("fffffffb", None),
        ("", None),
        ("89504e47", None),
        ("52494646 24000000 41564920", None),
        ("3c737667 20786d6c 6e733d22", None),
        ("efbbbf3c3f786d6c", None),
        ("255044462d", None),
    ];
    let found: Vec<(&str, Option<Format>)> =
        formats.iter().map(|(digits, _)| (*digits, Format::of(&hex(digits)))).collect();
    assert_eq!(found, formats);
}

#[test]
fn the_size_of_a_picture_is_in_its_head() {
    let size = |digits: &str| {
        let bytes = hex(digits);
        Format::of(&bytes).and_then(|format| pixels(format, &bytes))
    };
    assert_eq!(size("89504e470d0a1a0a 0000000d 49484452 00000280 000001e0 08"), Some((640, 480)));
    assert_eq!(size("474946383961 8002 e001"), Some((640, 480)));
    assert_eq!(size("52494646 00000000 57454250 56503858 0a000000 00000000 7f0200 df0100"), Some((640, 480)));
    assert_eq!(size("52494646 00000000 57454250 5650384c 00000000 2f 7fc27700"), Some((640, 480)));
    assert_eq!(size("52494646 00000000 57454250 56503820 00000000 000000 9d012a 8002 e001"), Some((640, 480)));
    assert_eq!(size("ffd8 ffe0 0004 4a46 ff ffc2 0011 08 01e0 0280 03"), Some((640, 480)));
    // Cut off, or with another picture's data where the head should be: not known.
    for cut in [
        "89504e470d0a1a0a 0000",
        "ffd8 ffe0 00ff 00",
        "ffd8 ffda 0000",
        "ffd8 ff",
        "52494646 00000000 57454250 41414141",
    ] {
        assert_eq!(size(cut), None, "{cut}");
    }
}

#[test]
fn what_is_read_at_an_address_is_text_bytes_or_shown_as_it_came() {
    let result = json!({ "contents": [
        { "uri": "demo://a", "mimeType": "text/plain", "text": "words", "annotations": { "priority": 1 } },
        { "uri": "demo://b", "mimeType": "image/png", "blob": "iVBORw0KGgo=" },
        { "uri": "demo://c" },
        7,
    ] });
    let text = Content::EmbeddedText { uri: "demo://a", media_type: Some("text/plain"), text: "words" };
    let media = Media { data: "iVBORw0KGgo=", media_type: Some("image/png") };
    let expected = vec![
        Block { content: text, annotations: Annotations { priority: Some(1.0), ..Annotations::default() } },
        plain(Content::EmbeddedFile { uri: "demo://b", media }),
        plain(Content::Unknown(&result["contents"][2])),
        plain(Content::Unknown(&result["contents"][3])),
    ];
    assert_eq!(content::contents(&result), expected);
    assert_eq!(content::contents(&json!({})), []);
}
