//! The index: which passages hold a word, and how much that says (BM25, by the crate `bm25`). It knows passages by number and
//! keeps no text.

use std::collections::HashMap;

use bm25::{Embedder, EmbedderBuilder, Embedding, Scorer, TokenEmbedder, TokenEmbedding, Tokenizer};

use super::passage::MAX_PASSAGE;
use super::token::{Purpose, tokens};

/// The words a usual passage has; a passage with fewer counts for more. Passages are cut to one size, so this need not be
/// counted.
#[expect(clippy::cast_precision_loss, reason = "a few hundred")]
const USUAL_WORDS: f32 = MAX_PASSAGE as f32 / 8.0;

/// A document's number and the passage's place in it.
pub(super) type PassageId = (u32, u32);

/// The index.
pub(super) struct Index {
    embedder: Embedder<u64, Words>,
    scorer: Scorer<PassageId, u64>,
}

/// The words of a passage, for the crate.
#[derive(Default)]
struct Words;

impl Tokenizer for Words {
    fn tokenize(&self, text: &str) -> Vec<String> {
        tokens(text, Purpose::Indexed).into_iter().map(|token| token.text).collect()
    }
}

impl Default for Index {
    fn default() -> Self {
        Self { embedder: EmbedderBuilder::with_avgdl(USUAL_WORDS).build(), scorer: Scorer::new() }
    }
}

impl Index {
    /// Takes a passage in.
    pub(super) fn insert(&mut self, id: PassageId, text: &str) {
        let Embedding(mut words) = self.embedder.embed(text);
        // A word stands there once for each time it occurs, with the same weight each time.
        words.sort_unstable_by_key(|word| word.index);
        words.dedup_by_key(|word| word.index);
        words.shrink_to_fit();
        self.scorer.upsert(&id, Embedding(words));
    }

    /// Leaves a passage out from now on.
    pub(super) fn remove(&mut self, id: PassageId) {
        self.scorer.remove(&id);
    }

    /// The passages that hold a word, and how much it says about each.
    pub(super) fn with_word(&self, word: &str) -> HashMap<PassageId, f32> {
        let asked = Embedding(vec![TokenEmbedding { index: u64::embed(word), value: 1.0 }]);
        self.scorer.matches(&asked).into_iter().map(|found| (found.id, found.score)).collect()
    }
}
