//! English words as the planner and the writer see them: which carry no topic, which are about searching itself, and
//! which are forms of one word. Other languages pass through untouched: their words are simply keywords.

/// Words without a topic.
const STOP: &str = " \
    a about above across after again against all also am an and any anybody anyone anything are aren't around as \
    at be became because been before being below between both but by can can't cannot could couldn't did didn't \
    do does doesn't doing don't done during each either else ever every everybody everyone everything few for \
    from further had has hasn't have haven't having he he's her here hers him his how however i i'd i'll i'm \
    i've if in into is isn't it it's its itself just let let's like may maybe me might mine more most much must \
    my near neither no nobody none nor not nothing now of off on once one only onto or other others our ours out \
    over own please rather really same shall she should shouldn't since so some somebody someone something soon \
    still such than thanks that that's the their theirs them then there there's these they they're this those \
    though through to today together too toward towards under until up upon us use used uses using very via want \
    was wasn't we we're were weren't what what's when when's where where's whether which while who who's whom \
    whose why will with within without won't would wouldn't yes yet you you're your yours ";

/// Words that say what to do with a search rather than what to search for.
const META: &str = " \
    amount article articles ask best check compare comparison contain contained containing contains count \
    counted counts describe details display discuss discussed discusses discussing entries entry exist exists \
    explain fetch find first five four get gets getting give gives hit hits include included includes including \
    info information item items keep keyword keywords kind know known last latest list listed lists look looking \
    looks lookup many match matches matching me mention mentioned mentioning mentions named names need newest \
    number numbers occur occurrence occurrences occurs phrase popular print query questions read recent recently \
    regarding related relates relevant report result results retrieve return returns say says search searched \
    searches searching see show shown shows sort sorted stating summarise summarize summary tagged talk talking \
    talks tell ten term terms thing things third three titled top topic topics total two versus vs word words write \
    writes written wrote ";

/// Verbs that say a tool looks something up.
const READING: &str = " \
    browse calculate check compare compute convert count describe discover echo explore fetch filter find get \
    grep inspect list load lookup open query read resolve retrieve scan search show stat summarize view ";

/// Verbs that say a tool changes something.
const WRITING: &str = " \
    add append apply archive assign cancel clear close commit create delete deploy disable drop edit enable \
    execute insert install invite kill merge modify move overwrite pay post publish purchase push put reboot \
    remove rename replace reply reset restart run save send set start stop store submit transfer trigger \
    uninstall update upload write ";

/// Words that ask for the same thing.
const SYNONYMS: &[&[&str]] = &[
    &["search", "find", "look", "lookup", "query", "grep"],
    &["add", "sum", "plus", "total"],
    &["subtract", "minus", "difference"],
    &["multiply", "times", "product"],
    &["divide", "quotient"],
    &["delete", "remove", "erase"],
    &["create", "make", "new"],
    &["profile", "karma", "who"],
    &["post", "submission", "submit", "story"],
    &["comment", "reply", "say", "said"],
    &["directory", "folder"],
    &["document", "file"],
    &["fetch", "download", "open"],
    &["weather", "forecast", "temperature"],
];

/// Whether the word (lower case) carries no topic.
pub(crate) fn is_stop(word: &str) -> bool {
    listed(STOP, word)
}

/// Whether the word (lower case) is about searching, not about what is searched.
pub(super) fn is_meta(word: &str) -> bool {
    listed(META, word)
}

/// Whether a tool named with this verb looks something up.
pub(super) fn is_reading(verb: &str) -> bool {
    listed(READING, verb)
}

/// Whether a tool named with this verb changes something.
pub(super) fn is_writing(verb: &str) -> bool {
    listed(WRITING, verb)
}

/// The stem and those of words that ask for the same thing.
pub(super) fn synonyms(stemmed: &str) -> Vec<String> {
    let mut all = vec![stemmed.to_owned()];
    for group in SYNONYMS {
        let stems: Vec<String> = group.iter().map(|word| stem(word)).collect();
        if stems.iter().any(|word| word == stemmed) {
            all.extend(stems);
        }
    }
    all
}

fn listed(list: &str, word: &str) -> bool {
    !word.is_empty()
        && list.match_indices(word).any(|(at, _)| {
            let bytes = list.as_bytes();
            bytes.get(at.wrapping_sub(1)) == Some(&b' ') && bytes.get(at + word.len()) == Some(&b' ')
        })
}

/// The word without its common English endings, so that "stories" and "story" are one. Not a dictionary: it only has
/// to do the same to both sides.
pub(super) fn stem(word: &str) -> String {
    let word = word.to_lowercase();
    let word = word.strip_suffix("'s").or_else(|| word.strip_suffix("\u{2019}s")).unwrap_or(&word);
    if word.len() <= 3 || !word.is_ascii() {
        return word.to_owned();
    }
    let cut = |ending: &str, instead: &str, least: usize| {
        word.strip_suffix(ending).filter(|rest| rest.len() >= least).map(|rest| format!("{rest}{instead}"))
    };
    let stemmed = cut("ies", "y", 2)
        .or_else(|| cut("sses", "ss", 1))
        .or_else(|| cut("ches", "ch", 2))
        .or_else(|| cut("shes", "sh", 2))
        .or_else(|| cut("xes", "x", 2))
        .or_else(|| cut("ing", "", 3).map(undoubled))
        .or_else(|| cut("ied", "y", 2))
        .or_else(|| cut("ed", "", 3).map(undoubled))
        .or_else(|| {
            if word.ends_with("ss") || word.ends_with("us") || word.ends_with("is") { None } else { cut("s", "", 3) }
        })
        .unwrap_or_else(|| word.to_owned());
    match stemmed.strip_suffix('e') {
        Some(rest) if rest.len() >= 3 => rest.to_owned(),
        _ => stemmed,
    }
}

fn undoubled(word: String) -> String {
    let bytes = word.as_bytes();
    match bytes {
        [.., a, b] if a == b && !matches!(b, b'l' | b's' | b'z') => word[..word.len() - 1].to_owned(),
        _ => word,
    }
}

/// The same word in the other number (`database`, `databases`), where a plain rule gives it.
pub(super) fn other_number(word: &str) -> Option<String> {
    if word.len() < 4 || !word.chars().all(|c| c.is_ascii_alphabetic()) {
        return None;
    }
    let lower = word.to_ascii_lowercase();
    if let Some(rest) = lower.strip_suffix("ies") {
        return Some(format!("{rest}y"));
    }
    if lower.ends_with("ss") || lower.ends_with("us") || lower.ends_with("is") {
        return Some(format!("{lower}es")).filter(|_| lower.ends_with("ss"));
    }
    if let Some(rest) = lower.strip_suffix('s') {
        return Some(rest.to_owned());
    }
    match lower.as_bytes() {
        [.., before, b'y'] if !b"aeiou".contains(before) => Some(format!("{}ies", &lower[..lower.len() - 1])),
        [.., b'x' | b'z'] | [.., b'c' | b's', b'h'] => Some(format!("{lower}es")),
        _ => Some(format!("{lower}s")),
    }
}

/// The words of a name such as `get_user_posts`, `getUserPosts` or `get-user.posts`, in lower case.
pub(super) fn name_words(name: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word = String::new();
    let mut before_lower = false;
    for c in name.chars() {
        let ends = !c.is_alphanumeric() || (c.is_uppercase() && before_lower);
        if ends && !word.is_empty() {
            words.push(std::mem::take(&mut word));
        }
        if c.is_alphanumeric() {
            word.extend(c.to_lowercase());
        }
        before_lower = c.is_lowercase() || c.is_numeric();
    }
    if !word.is_empty() {
        words.push(word);
    }
    words
}

/// The words of running text, in lower case; an apostrophe inside a word belongs to it.
pub(super) fn text_words(text: &str) -> impl Iterator<Item = String> + '_ {
    text.split(|c: char| !(c.is_alphanumeric() || c == '\'' || c == '\u{2019}'))
        .map(|word| word.trim_matches(['\'', '\u{2019}']).to_lowercase())
        .filter(|word| !word.is_empty())
}
