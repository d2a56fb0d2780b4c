//! A small matcher of regular expressions for one purpose: to tell a person that a text does not match a server's `pattern`
//! before it is sent. The expression is untrusted, so the matcher counts its steps and gives up where the browser's own
//! would hold the page up. What it does not know (look-around, back references, properties) it leaves undecided.

mod parse;

use parse::{Item, Node, parse};

/// Steps for one text; ordinary expressions take some hundred.
const MAX_STEPS: u32 = 200_000;
/// Repetitions of a group that may be inside each other: each takes room on the stack.
const MAX_DEPTH: u32 = 256;
/// Longer texts are left to the server.
const MAX_TEXT_CHARS: usize = 10_000;

/// Whether the expression matches somewhere in `text`; `None` where that cannot be decided here.
pub(super) fn matches(pattern: &str, text: &str) -> Option<bool> {
    let branches = parse(pattern)?;
    let text: Vec<char> = text.chars().take(MAX_TEXT_CHARS + 1).collect();
    if text.len() > MAX_TEXT_CHARS {
        return None;
    }
    let mut search = Search { text: &text, steps_left: MAX_STEPS, depth: 0, gave_up: false };
    let found = (0..=text.len()).any(|from| search.branches(&branches, from, &mut |_, _| true));
    if found { Some(true) } else { (!search.gave_up).then_some(false) }
}

struct Search<'a> {
    text: &'a [char],
    steps_left: u32,
    depth: u32,
    gave_up: bool,
}

/// What has to match after a part that ended here.
type Rest<'r, 'a> = &'r mut dyn FnMut(&mut Search<'a>, usize) -> bool;

impl<'a> Search<'a> {
    /// Counts a step; `false` once there were too many.
    fn step(&mut self) -> bool {
        self.steps_left = self.steps_left.saturating_sub(1);
        self.gave_up |= self.steps_left == 0;
        !self.gave_up
    }

    fn branches(&mut self, branches: &[Vec<Node>], from: usize, rest: Rest<'_, 'a>) -> bool {
        branches.iter().any(|nodes| self.nodes(nodes, from, rest))
    }

    fn nodes(&mut self, nodes: &[Node], from: usize, rest: Rest<'_, 'a>) -> bool {
        if !self.step() {
            return false;
        }
        let Some((node, later)) = nodes.split_first() else { return rest(self, from) };
        match node {
            Node::One(item) => self.is_at(item, from) && self.nodes(later, from + 1, rest),
            Node::Start => from == 0 && self.nodes(later, from, rest),
            Node::End => from == self.text.len() && self.nodes(later, from, rest),
            Node::Boundary { wanted } => self.is_boundary(from) == *wanted && self.nodes(later, from, rest),
            Node::Group(branches) => self.branches(branches, from, &mut |search, to| search.nodes(later, to, rest)),
            Node::RepeatOne { item, least, most } => self.repeat_one(item, (*least, *most), later, from, rest),
            Node::RepeatGroup { branches, least, most } => {
                self.repeat_group(branches, (*least, *most), later, from, rest)
            }
        }
    }

    /// The longest run first, then shorter ones. Whether a match exists does not depend on that order.
    fn repeat_one(
        &mut self,
        item: &Item,
        (least, most): (usize, usize),
        later: &[Node],
        from: usize,
        rest: Rest<'_, 'a>,
    ) -> bool {
        let mut count = 0;
        while count < most && self.is_at(item, from + count) {
            count += 1;
        }
        (least..=count).rev().any(|count| self.nodes(later, from + count, rest))
    }

    fn repeat_group(
        &mut self,
        branches: &[Vec<Node>],
        (least, most): (usize, usize),
        later: &[Node],
        from: usize,
        rest: Rest<'_, 'a>,
    ) -> bool {
        if self.depth >= MAX_DEPTH {
            self.gave_up = true;
            return false;
        }
        self.depth += 1;
        let again = most > 0
            && self.branches(branches, from, &mut |search, to| {
                // A round that takes nothing could go on for ever.
                (to > from || least > 0)
                    && search.repeat_group(branches, (least.saturating_sub(1), most - 1), later, to, rest)
            });
        self.depth -= 1;
        again || least == 0 && self.nodes(later, from, rest)
    }

    fn is_at(&self, item: &Item, at: usize) -> bool {
        self.text.get(at).is_some_and(|c| item.holds(*c))
    }

    fn is_boundary(&self, at: usize) -> bool {
        let is_word = |at: Option<usize>| {
            at.and_then(|at| self.text.get(at)).is_some_and(|c| c.is_ascii_alphanumeric() || *c == '_')
        };
        is_word(at.checked_sub(1)) != is_word(Some(at))
    }
}
