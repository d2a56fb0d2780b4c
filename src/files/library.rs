//! The documents and their index: taken in passage by passage, searched, read in parts, listed, removed. A document is known by
//! its path; another of the same path takes its place. Everything is bounded by the constants of [`super`].

use std::collections::{BTreeMap, HashMap};
use std::ops::Range;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::format::Kind;
use super::index::Index;
use super::query::Query;
use super::snippet::snippet;

/// A document.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Document {
    /// The file's path from where it was dropped, or its name: what it is known by.
    pub path: String,
    /// The title it gives itself, else its file's name.
    pub title: String,
    /// What kind of text it holds.
    pub kind: Kind,
    /// When the file was changed last, RFC 3339, where the browser says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub modified: Option<String>,
    /// Its text, whole, as it is searched and read.
    pub text: Arc<str>,
}

/// A document in its place.
struct Entry {
    document: Arc<Document>,
    number: u32,
    passages: Vec<Range<usize>>,
}

/// The documents.
#[derive(Default)]
pub struct Library {
    index: Index,
    entries: BTreeMap<String, Entry>,
    paths: HashMap<u32, String>,
    next: u32,
    bytes: usize,
    /// Passages the index still has of documents that are gone: a number, and how many.
    left_over: Vec<(u32, u32)>,
}

/// Which of the words a document has that was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Matching {
    /// All that were asked for.
    AllWords,
    /// Some; no document has all.
    SomeWords,
}

/// What a search found.
#[derive(Clone, Debug, PartialEq)]
pub struct Found {
    /// Documents with all the words.
    pub total: usize,
    /// Which words the hits have.
    pub matching: Matching,
    /// How many documents there are of which the hits are the first.
    pub found: usize,
    /// The best ones, one a document.
    pub hits: Vec<Hit>,
}

/// A document that was found.
#[derive(Clone, Debug, PartialEq)]
pub struct Hit {
    /// Which.
    pub document: Arc<Document>,
    /// How well its best passage fits (BM25).
    pub score: f32,
    /// Its best passage around the first word asked for.
    pub snippet: String,
    /// Where that passage begins, in characters.
    pub offset: usize,
    /// How many of its passages hold one of the words.
    pub passages: usize,
}

/// A part of a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// Of which.
    pub document: Arc<Document>,
    /// The text.
    pub text: String,
    /// Where it begins, in characters.
    pub offset: usize,
    /// Characters of the part.
    pub length: usize,
    /// Characters of the document.
    pub total: usize,
}

impl Library {
    /// How many documents there are.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Bytes of text in all.
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    /// All documents, by path.
    pub fn documents(&self) -> impl Iterator<Item = &Arc<Document>> {
        self.entries.values().map(|entry| &entry.document)
    }

    /// The document of this path.
    pub fn get(&self, path: &str) -> Option<&Arc<Document>> {
        self.entries.get(path).map(|entry| &entry.document)
    }

    /// A number for a document that is about to be taken in.
    pub(super) fn open(&mut self) -> u32 {
        let number = self.next;
        self.next = self.next.wrapping_add(1);
        number
    }

    /// Takes one of its passages in; nothing finds it before [`close`](Self::close).
    pub(super) fn index(&mut self, number: u32, passage: u32, text: &str) {
        self.index.insert((number, passage), text);
    }

    /// The document is whole; one of the same path is gone.
    pub(super) fn close(&mut self, number: u32, document: Arc<Document>, passages: Vec<Range<usize>>) {
        self.remove(&document.path);
        self.bytes += document.text.len();
        self.paths.insert(number, document.path.clone());
        self.entries.insert(document.path.clone(), Entry { document, number, passages });
    }

    /// The document will not be whole: of its passages so many are in the index.
    pub(super) fn give_up(&mut self, number: u32, passages: u32) {
        if passages > 0 {
            self.left_over.push((number, passages));
        }
    }

    /// Removes a document; nothing finds it any more. Its passages go with [`sweep`](Self::sweep).
    pub fn remove(&mut self, path: &str) -> bool {
        let Some(entry) = self.entries.remove(path) else { return false };
        self.bytes -= entry.document.text.len();
        self.paths.remove(&entry.number);
        self.give_up(entry.number, u32::try_from(entry.passages.len()).unwrap_or(u32::MAX));
        true
    }

    /// Removes all documents at once.
    pub fn clear(&mut self) {
        *self = Self { next: self.next, ..Self::default() };
    }

    /// Takes one passage of documents that are gone out of the index; `false` when there was none.
    pub fn sweep(&mut self) -> bool {
        let Some((number, passages)) = self.left_over.last_mut() else { return false };
        *passages -= 1;
        let id = (*number, *passages);
        if *passages == 0 {
            self.left_over.pop();
        }
        self.index.remove(id);
        true
    }

    /// The documents that hold what is asked for, the best first; `None` where the query holds no word.
    pub fn search(&self, query: &str, most: usize) -> Option<Found> {
        let query = Query::read(query)?;
        let mut matches: HashMap<u32, Match> = HashMap::new();
        for (i, word) in query.words.iter().enumerate() {
            for ((number, passage), score) in self.index.with_word(word) {
                if self.paths.contains_key(&number) {
                    let found = matches.entry(number).or_default();
                    *found.passages.entry(passage).or_default() += score;
                    if found.seen != Some(i) {
                        found.seen = Some(i);
                        found.words += 1;
                    }
                }
            }
        }
        let mut ranked: Vec<Ranked<'_>> =
            matches.into_iter().filter_map(|(number, found)| self.rank(number, &found, &query)).collect();
        let total = ranked.iter().filter(|one| one.matching == Matching::AllWords).count();
        let matching = if total > 0 { Matching::AllWords } else { Matching::SomeWords };
        ranked.retain(|one| one.matching == matching);
        ranked.sort_by(|a, b| {
            let path = || a.entry.document.path.cmp(&b.entry.document.path);
            b.words.cmp(&a.words).then(b.score.total_cmp(&a.score)).then_with(path)
        });
        let hits = ranked.iter().take(most).map(|one| one.hit(&query)).collect();
        Some(Found { total, matching, found: ranked.len(), hits })
    }

    fn rank(&self, number: u32, found: &Match, query: &Query) -> Option<Ranked<'_>> {
        let entry = self.entries.get(self.paths.get(&number)?)?;
        let (passage, score) = found.best()?;
        let whole = found.words == query.words.len() && entry.has_phrases(found, query);
        let matching = if whole { Matching::AllWords } else { Matching::SomeWords };
        Some(Ranked { entry, matching, words: found.words, passage, score, passages: found.passages.len() })
    }

    /// The document meant by `id`: its path, else the one whose path ends so, in any case; the candidates where that is not
    /// one.
    pub fn find(&self, id: &str) -> Result<&Arc<Document>, Vec<&str>> {
        let id = id.trim().trim_start_matches("./");
        if let Some(document) = self.get(id) {
            return Ok(document);
        }
        let wanted = id.to_lowercase();
        let ends = |path: &str, boundary: fn(char) -> bool| {
            path.to_lowercase().strip_suffix(&wanted).is_some_and(|rest| rest.is_empty() || rest.ends_with(boundary))
        };
        for boundary in [|c| c == '/', |c: char| !c.is_alphanumeric()] as [fn(char) -> bool; 2] {
            let named: Vec<&Entry> = self.entries.values().filter(|e| ends(&e.document.path, boundary)).collect();
            match named.as_slice() {
                [] => {}
                [one] => return Ok(&one.document),
                several => return Err(several.iter().map(|entry| entry.document.path.as_str()).collect()),
            }
        }
        Err(Vec::new())
    }

    /// A part of a document.
    pub fn read(document: &Arc<Document>, offset: usize, most: usize) -> Part {
        let total = document.text.chars().count();
        let text: String = document.text.chars().skip(offset).take(most).collect();
        let length = total.saturating_sub(offset).min(most);
        Part { document: Arc::clone(document), text, offset, length, total }
    }
}

/// A document that was found, before it is known whether it is among the best.
struct Ranked<'a> {
    entry: &'a Entry,
    matching: Matching,
    /// Different words it has.
    words: usize,
    /// Its best passage.
    passage: u32,
    score: f32,
    passages: usize,
}

impl Ranked<'_> {
    fn hit(&self, query: &Query) -> Hit {
        let Entry { document, .. } = self.entry;
        let range = self.entry.passage(self.passage).unwrap_or(0..0);
        Hit {
            document: Arc::clone(document),
            score: self.score,
            snippet: snippet(&document.text[range.clone()], &query.words),
            offset: document.text[..range.start].chars().count(),
            passages: self.passages,
        }
    }
}

impl Entry {
    fn passage(&self, at: u32) -> Option<Range<usize>> {
        self.passages.get(usize::try_from(at).ok()?).cloned()
    }

    /// Whether it has all phrases: each begins in a passage that was found, and may end in the next.
    fn has_phrases(&self, found: &Match, query: &Query) -> bool {
        let Self { document, .. } = self;
        let windows = found.passages.keys().filter_map(|at| {
            let (from, to) = (self.passage(*at)?.start, self.passage(at + 1).or(self.passage(*at))?.end);
            Some(&document.text[from..to])
        });
        query.phrases.is_empty()
            || query.phrases_are_in(&windows.chain([document.title.as_str(), &document.path]).collect::<Vec<_>>())
    }
}

/// What was found of one document.
#[derive(Default)]
struct Match {
    /// Different words it has.
    words: usize,
    /// The word that was counted last.
    seen: Option<usize>,
    passages: HashMap<u32, f32>,
}

impl Match {
    /// The best passage; the earlier one of equals.
    fn best(&self) -> Option<(u32, f32)> {
        let all = self.passages.iter().map(|(passage, score)| (*passage, *score));
        all.max_by(|a, b| a.1.total_cmp(&b.1).then(b.0.cmp(&a.0)))
    }
}
