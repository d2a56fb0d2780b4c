//! Full-text search over the sample's stories: whole words in any case, all of them required, fields and phrases. It
//! knows no word forms: what is counted is exactly what was asked for.

use super::sample::{Sample, Story};

/// Something a story must have.
#[derive(Debug, PartialEq, Eq)]
struct Condition {
    field: Field,
    /// One word, or several in a row.
    words: Vec<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Field {
    Any,
    Title,
    Text,
    Tag,
    Author,
}

/// What one hit weighs, by field.
const TITLE: usize = 4;
const TAG: usize = 3;
const AUTHOR: usize = 3;
const TEXT: usize = 1;

/// The stories that fulfil the query, by index, the best first; `None` if the query holds no word.
pub(super) fn search(sample: &Sample, query: &str) -> Option<Vec<usize>> {
    let conditions = conditions(query);
    if conditions.is_empty() {
        return None;
    }
    let hit = |(index, story): (usize, &Story)| {
        let score = conditions
            .iter()
            .map(|condition| score(story, condition))
            .try_fold(0, |sum, score| if score == 0 { None } else { Some(sum + score) })?;
        Some((score, story.3, index))
    };
    let mut hits: Vec<_> = sample.stories.iter().enumerate().filter_map(hit).collect();
    hits.sort_by(|a, b| (b.0, b.1).cmp(&(a.0, a.1)).then(a.2.cmp(&b.2)));
    Some(hits.into_iter().map(|(_, _, index)| index).collect())
}

fn conditions(query: &str) -> Vec<Condition> {
    let mut conditions = Vec::new();
    let mut rest = query.trim_start();
    while !rest.is_empty() {
        let (field, after) = field(rest);
        let quoted = after.strip_prefix('"').and_then(|inside| inside.split_once('"'));
        let (text, next) = quoted.unwrap_or_else(|| after.split_once(char::is_whitespace).unwrap_or((after, "")));
        let words = words(text);
        if !words.is_empty() {
            conditions.push(Condition { field, words });
        }
        rest = next.trim_start();
    }
    conditions
}

fn field(text: &str) -> (Field, &str) {
    const NAMES: [(&str, Field); 5] = [
        ("title:", Field::Title),
        ("text:", Field::Text),
        ("tag:", Field::Tag),
        ("tags:", Field::Tag),
        ("author:", Field::Author),
    ];
    let named = NAMES.iter().find_map(|(name, field)| {
        let (start, rest) = text.split_at_checked(name.len())?;
        start.eq_ignore_ascii_case(name).then_some((*field, rest))
    });
    named.unwrap_or((Field::Any, text))
}

/// The words of a text, in lower case; everything but letters and digits separates.
fn words(text: &str) -> Vec<String> {
    text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).map(str::to_lowercase).collect()
}

fn score(story: &Story, condition: &Condition) -> usize {
    let within = |field: Field, text: &str, weight: usize| {
        if condition.field == Field::Any || condition.field == field {
            let words = words(text);
            weight * words.windows(condition.words.len()).filter(|run| **run == condition.words).count()
        } else {
            0
        }
    };
    within(Field::Title, &story.0, TITLE)
        + within(Field::Author, &story.2, AUTHOR)
        + story.5.split(' ').map(|tag| within(Field::Tag, tag, TAG)).sum::<usize>()
        + within(Field::Text, &story.6, TEXT)
}
