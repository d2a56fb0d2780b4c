//! The text around a plan: tells where JSON begins in it. A bracket opens JSON only if what follows can be JSON; all else
//! (fences, sentences, bracketed remarks) is skipped.

/// Whether more text may follow what is there.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Ahead {
    /// The stream goes on.
    MoreMayCome,
    /// It has ended.
    NothingComes,
}

/// What to do with the next byte outside all containers.
pub(super) enum Prose {
    /// It is prose.
    Skip,
    /// It opens a container.
    Open,
    /// It opens the model's thinking.
    Think,
    /// What follows decides, and is not there yet.
    Wait,
}

/// Judges the byte at `at`, given that all from the next one to `known` is blank; also tells how far it is blank now, so
/// that a bracket before a long blank is not looked at again from the start with every piece.
pub(super) fn prose(text: &[u8], at: usize, known: usize, ahead: Ahead) -> (usize, Prose) {
    let rest = &text[at..];
    let opens_before = |followers: &[u8]| {
        let blank = text[known..].iter().take_while(|byte| byte.is_ascii_whitespace()).count();
        let next = known + blank;
        let meaning = match text.get(next) {
            Some(byte) if followers.contains(byte) => Prose::Open,
            None if ahead == Ahead::MoreMayCome => Prose::Wait,
            Some(_) | None => Prose::Skip,
        };
        (next, meaning)
    };
    match rest.first() {
        Some(b'{') => opens_before(b"\"}"),
        Some(b'[') => opens_before(b"{]"),
        Some(b'<') if rest.starts_with(b"<think") => (known, Prose::Think),
        Some(b'<') if ahead == Ahead::MoreMayCome && b"<think".starts_with(rest) => (known, Prose::Wait),
        Some(_) | None => (known, Prose::Skip),
    }
}
