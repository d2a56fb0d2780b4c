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

/// Judges the first byte of `rest`.
pub(super) fn prose(rest: &[u8], ahead: Ahead) -> Prose {
    let next = || rest[1..].iter().find(|byte| !byte.is_ascii_whitespace());
    match rest.first() {
        Some(b'{') => match next() {
            Some(b'"' | b'}') => Prose::Open,
            None if ahead == Ahead::MoreMayCome => Prose::Wait,
            Some(_) | None => Prose::Skip,
        },
        Some(b'[') => match next() {
            Some(b'{' | b']') => Prose::Open,
            None if ahead == Ahead::MoreMayCome => Prose::Wait,
            Some(_) | None => Prose::Skip,
        },
        Some(b'<') if rest.starts_with(b"<think") => Prose::Think,
        Some(b'<') if ahead == Ahead::MoreMayCome && b"<think".starts_with(rest) => Prose::Wait,
        Some(_) | None => Prose::Skip,
    }
}
