//! The conversation: the run on the screen and those asked before and after it, each whole with its own journal, so that any
//! can be shown again. A further question follows up on all of them. They last as long as the page or until a new
//! conversation begins; what is to last longer is exported, run by run.

use leptos::prelude::*;

use super::{Controller, Source};
use crate::agent::conversation::{Conversation, Question, Turn};
use crate::journal::Journal;
use crate::session::Session;

/// A run that is not on the screen.
pub(super) struct ParkedRun {
    session: Session,
    source: Source,
    journal: Journal,
}

/// The runs of the conversation that are not on the screen, oldest first.
#[derive(Default)]
pub(super) struct OtherRuns {
    before: Vec<ParkedRun>,
    after: Vec<ParkedRun>,
}

/// Where a run is in its conversation; counts from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Place(usize);

/// A turn of the conversation that is not on the screen.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct OtherTurn {
    /// The run, where it is here: a run file names the turns before it and does not hold them.
    pub(crate) run: Option<Place>,
    /// What was asked.
    pub(crate) question: String,
    /// What was answered, Markdown; or why nothing was.
    pub(crate) answer: String,
    /// What there is to say of the run, briefly.
    pub(crate) facts: Vec<String>,
}

impl Controller {
    /// The turns before the run on the screen and those after it, oldest first. `facts` says briefly what a run was.
    pub(crate) fn other_turns(self, facts: fn(&Session) -> Vec<String>) -> (Vec<OtherTurn>, Vec<OtherTurn>) {
        self.run.with_value(|run| {
            let OtherRuns { before, after } = &run.others;
            let turn = |(place, parked): (usize, &ParkedRun)| {
                let Session { question, answer, error, .. } = &parked.session;
                let answer = if answer.is_empty() { error.clone().unwrap_or_default() } else { answer.clone() };
                OtherTurn { run: Some(Place(place)), question: question.clone(), answer, facts: facts(&parked.session) }
            };
            let told = |turn: &Turn| OtherTurn {
                run: None,
                question: turn.question.clone(),
                answer: turn.answer.clone(),
                facts: Vec::new(),
            };
            let first = before.first().map(|parked| parked.session.conversation.clone());
            let first = first.or_else(|| {
                self.session.with_untracked(|session| session.as_ref().map(|session| session.conversation.clone()))
            });
            let mut earlier: Vec<_> = first.unwrap_or_default().turns().iter().map(told).collect();
            earlier.extend(before.iter().enumerate().map(turn));
            let places = before.len() + 1..;
            (earlier, places.zip(after).map(turn).collect())
        })
    }

    /// Looks at a run that is not on the screen.
    pub(crate) fn with_run<T>(self, Place(place): Place, read: impl FnOnce(&Session) -> T) -> Option<T> {
        self.run.with_value(|run| {
            let OtherRuns { before, after } = &run.others;
            let parked = before.get(place).or_else(|| after.get(place.checked_sub(before.len() + 1)?));
            parked.map(|parked| read(&parked.session))
        })
    }

    /// Shows another run of the conversation; the one on the screen takes its place among the others. Not while that one goes
    /// on: what it says would have nowhere to go.
    pub(crate) fn show_run(self, Place(place): Place) {
        if self.alive.get_untracked() {
            return;
        }
        self.park();
        let shown = self.run.try_update_value(|run| {
            let all = &mut run.others.before;
            if place >= all.len() {
                return None;
            }
            let after = all.split_off(place + 1);
            let shown = all.pop();
            run.others.after = after;
            shown
        });
        let Some(ParkedRun { session, source, journal }) = shown.flatten() else { return };
        self.show(session, source);
        self.run.update_value(|run| run.journal = journal);
    }

    /// Begins anew: no run on the screen, and the next question follows up on nothing.
    pub(crate) fn new_conversation(self) {
        self.abort();
        self.forget_others();
        self.run.update_value(|run| run.journal = Journal::default());
        self.source.set(Source::Live);
        self.session.set(None);
        self.shown.update(|shown| *shown = shown.wrapping_add(1));
    }

    /// Lets go of all runs but the one on the screen.
    pub(super) fn forget_others(self) {
        self.run.update_value(|run| run.others = OtherRuns::default());
    }

    /// Puts the run on the screen behind those before it, and those after it behind that.
    pub(super) fn park(self) {
        let source = self.source.get_untracked();
        let session = self.session.try_update_untracked(Option::take).flatten();
        self.run.update_value(|run| {
            let journal = std::mem::take(&mut run.journal);
            if let Some(session) = session {
                run.others.before.push(ParkedRun { session, source, journal });
            }
            let after = std::mem::take(&mut run.others.after);
            run.others.before.extend(after);
        });
    }

    /// The question with all that it is asked within. The same question asked again is not a follow-up on its own answer: it
    /// is asked as it was.
    pub(super) fn asked_within(self, text: String) -> Question {
        let conversation = self.run.with_value(|run| {
            let before = &run.others.before;
            let base = before.first().map(|parked| parked.session.conversation.clone()).unwrap_or_default();
            let again = before.iter().rev().take_while(|parked| parked.session.question == text).count();
            let answered = |parked: &&ParkedRun| !parked.session.answer.trim().is_empty();
            let turn = |parked: &ParkedRun| Turn {
                question: parked.session.question.clone(),
                answer: parked.session.answer.clone(),
            };
            let mut turns = base.turns().to_vec();
            turns.extend(before[..before.len() - again].iter().filter(answered).map(turn));
            Conversation::recalled(turns, base.left_out())
        });
        self.settings.with_untracked(|settings| Question::asked_within(text, conversation, &settings.preferences))
    }
}
