//! Values the question marks as such: the user it names, the place, the value after a parameter's name. A value that is
//! not marked is not guessed.

use super::parameter::Parameter;
use super::question::{Kind, Question, Token};
use super::words::{is_meta, is_stop, stem};

/// Words after "user" that make another thing of it.
const COMPOUNDS: &[&str] = &[
    "account",
    "accounts",
    "agent",
    "agents",
    "base",
    "comment",
    "comments",
    "data",
    "experience",
    "friendly",
    "group",
    "groups",
    "guide",
    "id",
    "input",
    "interface",
    "interfaces",
    "land",
    "manual",
    "mode",
    "name",
    "names",
    "post",
    "posts",
    "profile",
    "profiles",
    "research",
    "settings",
    "space",
    "stories",
    "story",
    "study",
    "testing",
    "tests",
    "values",
    "authentication",
    "activity",
    "behavior",
    "behaviour",
    "engagement",
    "generated",
    "login",
    "management",
    "need",
    "needs",
    "permissions",
    "privacy",
    "retention",
    "sees",
    "think",
    "thinks",
    "wants",
];

/// Words after "by" that are an order or a manner.
const MANNERS: &[&str] = &[
    "author",
    "category",
    "date",
    "default",
    "design",
    "hand",
    "karma",
    "length",
    "name",
    "number",
    "points",
    "popularity",
    "rank",
    "relevance",
    "score",
    "size",
    "time",
    "title",
    "topic",
    "type",
    "user",
    "users",
    "votes",
    "year",
];

/// The tokens that name users, and where the naming phrase stands.
pub(super) fn users(question: &Question) -> Vec<usize> {
    let mut found: Vec<usize> = Vec::new();
    for (i, token) in question.tokens.iter().enumerate() {
        let named = match token.kind {
            Kind::Handle => true,
            Kind::Field => ["author:", "user:", "by:"].iter().any(|field| token.lower.starts_with(field)),
            Kind::Number(_) => after_user(question, i),
            Kind::Quoted => after_user(question, i) || after_by(question, i),
            Kind::Word if !is_name(token) => false,
            Kind::Word => {
                let joined = found.last().is_some_and(|last| last + 2 == i)
                    && matches!(word(question, i, 1), "and" | "or")
                    && ends_clause(question, i);
                after_user(question, i)
                    || after_by(question, i)
                    || possessive(question, i)
                    || subject(question, i)
                    || joined
            }
            Kind::Url | Kind::Date(_) | Kind::Path => false,
        };
        if named {
            found.push(i);
        }
    }
    found
}

/// The word so many places before.
fn word(question: &Question, i: usize, back: usize) -> &str {
    i.checked_sub(back).map_or("", |at| question.tokens[at].lower.as_str())
}

/// `user alice`, `author id 42`; not "a user needs", "the user interface".
fn after_user(question: &Question, i: usize) -> bool {
    let token = &question.tokens[i];
    let indefinite = |word: &str| {
        matches!(word, "a" | "an" | "any" | "each" | "every" | "per" | "average" | "typical" | "end" | "new")
    };
    if COMPOUNDS.contains(&token.lower.as_str()) || token.after_break {
        return false;
    }
    match (word(question, i, 2), word(question, i, 1)) {
        ("user" | "author", "id" | "name" | "named" | "called") => true,
        (before, "user" | "username" | "author") => !indefinite(before),
        // "users alice and bob"; "what users think" names nobody.
        (_, "users" | "authors") => matches!(question.tokens.get(i + 1).map(|t| t.lower.as_str()), Some("and" | "or")),
        _ => false,
    }
}

/// `stories by alice`, `written by alice`; not "destroyed by floods", "sorted by date", "step by step".
fn after_by(question: &Question, i: usize) -> bool {
    let token = &question.tokens[i];
    let before = word(question, i, 2);
    let wrote = matches!(
        before,
        "written" | "posted" | "submitted" | "published" | "authored" | "shared" | "created" | "asked"
    );
    let suffers = ["ed", "en", "wn", "ven", "sort", "order", "group"].iter().any(|ending| before.ends_with(ending));
    let manner = MANNERS.contains(&token.lower.as_str()) || before == token.lower;
    word(question, i, 1) == "by" && !manner && (wrote || !suffers) && !token.after_break
}

/// What the token says once the marks are taken off: `alice` of `alice's`, `author:alice`.
pub(super) fn user_name(token: &Token) -> &str {
    let text = match (&token.kind, token.text.split_once(':')) {
        (Kind::Field, Some((_, value))) => value.trim_matches('"'),
        _ => &token.text,
    };
    text.strip_suffix("'s").or_else(|| text.strip_suffix("\u{2019}s")).unwrap_or(text)
}

/// `alice's comments`: a name in the possessive before something a user has.
fn possessive(question: &Question, i: usize) -> bool {
    let token = &question.tokens[i];
    let owner = token.lower.ends_with("'s") || token.lower.ends_with("\u{2019}s");
    let has = question.tokens.get(i + 1).is_some_and(|next| {
        matches!(
            stem(&next.lower).as_str(),
            "comment" | "post" | "profil" | "story" | "karma" | "submission" | "account" | "latest" | "recent"
        )
    });
    owner && has && !is_stop(&token.lower)
}

/// `did alice post`, `has alice written`, `karma does alice have`, `the karma of alice`; not "do editors post", whose
/// plural names a kind of people.
fn subject(question: &Question, i: usize) -> bool {
    let token = &question.tokens[i];
    let single = !token.lower.ends_with('s') || token.text.starts_with(char::is_uppercase);
    let alone = single && !token.after_break && !matches!(token.lower.as_str(), "user" | "author");
    let next = question.tokens.get(i + 1).map(|next| next.lower.as_str()).unwrap_or_default();
    let writes = matches!(
        next,
        "post"
            | "posted"
            | "submit"
            | "submitted"
            | "publish"
            | "published"
            | "write"
            | "written"
            | "comment"
            | "commented"
            | "say"
            | "said"
            | "have"
    );
    let asked = matches!(word(question, i, 1), "did" | "has" | "does") && writes;
    let of = matches!(word(question, i, 2), "karma" | "profile") && word(question, i, 1) == "of";
    alone && (asked || of)
}

/// Whether the question ends, or its next part begins, after this token.
fn ends_clause(question: &Question, i: usize) -> bool {
    question.tokens.get(i + 1).is_none_or(|next| next.after_break || is_stop(&next.lower))
}

fn is_name(token: &Token) -> bool {
    !is_stop(&token.lower) && !is_meta(&token.lower) && token.text.chars().any(char::is_alphabetic)
}

/// Whether the token tells how the person gave the page what is searched: "the files I added".
pub(super) fn is_handing_over(question: &Question, i: usize) -> bool {
    let gave = matches!(
        question.tokens[i].lower.as_str(),
        "add"
            | "added"
            | "drop"
            | "dropped"
            | "upload"
            | "uploaded"
            | "attach"
            | "attached"
            | "give"
            | "gave"
            | "given"
    );
    gave && (1..=2).any(|back| matches!(word(question, i, back), "i" | "we" | "i've" | "we've"))
}

/// Whether the token names an order, as in "sorted by date".
pub(super) fn is_order(question: &Question, i: usize) -> bool {
    let by = i.checked_sub(1).is_some_and(|at| question.tokens[at].lower == "by");
    by && MANNERS.contains(&question.tokens[i].lower.as_str())
}

/// The places after "in", "at", "for", "near": words in capitals, else the one word that ends the question.
pub(super) fn places(question: &Question) -> Vec<(String, Vec<usize>)> {
    let tokens = &question.tokens;
    let leads = |word: &str| matches!(word, "in" | "at" | "for" | "near" | "around" | "from" | "of");
    let mut places = Vec::new();
    let mut at = 0;
    while at < tokens.len() {
        let more = !places.is_empty() && (matches!(tokens[at].lower.as_str(), "and" | "or"));
        let from = if leads(&tokens[at].lower) || more { at + 1 } else { at };
        let continues = !places.is_empty() && tokens[at].after_break;
        let run = capitals(tokens, from);
        if (from > at || continues) && !run.is_empty() {
            at = from + run.len();
            let words: Vec<&str> = run.iter().map(|i| tokens[*i].text.as_str()).collect();
            places.push((words.join(" "), run));
        } else {
            at += 1;
        }
    }
    if places.is_empty() {
        places.extend(lone_place(tokens));
    }
    places
}

/// The run of capitalised words, or the quotation, that begins at `from`.
fn capitals(tokens: &[Token], from: usize) -> Vec<usize> {
    if tokens.get(from).is_some_and(|t| t.kind == Kind::Quoted) {
        return vec![from];
    }
    let capital = |t: &Token| t.kind == Kind::Word && t.text.starts_with(char::is_uppercase);
    let run = tokens.iter().enumerate().skip(from);
    run.take_while(|(i, t)| capital(t) && (*i == from || !t.after_break)).map(|(i, _)| i).collect()
}

fn lone_place(tokens: &[Token]) -> Option<(String, Vec<usize>)> {
    let (i, token) = tokens.iter().enumerate().rev().find(|(i, t)| {
        let before = i.checked_sub(1).map(|at| tokens[at].lower.as_str()).unwrap_or_default();
        let ends = tokens.get(i + 1).is_none_or(|next| next.after_break || is_stop(&next.lower));
        matches!(before, "in" | "at" | "near" | "for") && ends && Question::is_topic(t) && t.kind == Kind::Word
    })?;
    Some((token.text.clone(), vec![i]))
}

/// The value after the parameter's own name: `path src`, `path: src`, `path=src`, `issue 42`.
pub(super) fn named<'q>(question: &'q Question, parameter: &Parameter<'_>) -> Option<(&'q str, Vec<usize>)> {
    let tokens = &question.tokens;
    let is_part = |word: &str| {
        word.len() > 2 && parameter.words.iter().any(|w| w == word) || word == parameter.name.to_lowercase()
    };
    for (i, token) in tokens.iter().enumerate() {
        if let Some((name, value)) = token.text.split_once(['=', ':'])
            && is_part(&name.to_lowercase())
            && !value.is_empty()
        {
            return Some((value.trim_matches(['"', '\'']), vec![i]));
        }
        if !is_part(&token.lower) {
            continue;
        }
        let linked =
            |t: &&Token| matches!(t.lower.as_str(), "is" | "=" | "of" | "to" | "named" | "called" | "id" | "number");
        let skip = usize::from(tokens.get(i + 1).as_ref().is_some_and(linked));
        let at = i + 1 + skip;
        let Some(value) = tokens.get(at).filter(|t| !t.after_break) else { continue };
        let plain = value.kind != Kind::Word || (!is_stop(&value.lower) && !is_meta(&value.lower));
        let code = value.kind != Kind::Word
            || value.text.chars().any(|c| c.is_uppercase() || c.is_ascii_digit() || "_-./#".contains(c));
        if plain && (code || skip > 0 || parameter.required) {
            return Some((value.text.trim_start_matches('#'), vec![at]));
        }
    }
    None
}
