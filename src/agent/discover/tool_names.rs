//! What a planner calls a tool, and which tool it means by a name. A tool's own name is whatever its server says; the names
//! of servers are the person's. So what reads as one server's tool is never another's, and what two servers offer alike has
//! to be told apart.

use std::iter::once;
use std::sync::Arc;

use super::Catalog;
use crate::agent::task::Tool;

/// What stands between a server's name and a tool's: the first as this page writes it, the others as planners do, too.
const MARKS: [&str; 5] = ["/", ".", "__", ":", "\u{b7}"];
/// Tools that are named where one is not found.
const MAX_NAMED: usize = 8;

/// Why a name means no tool.
enum Unfound<'c, 'n> {
    /// It names this server, which has no such tool.
    NotThere { server: &'c str, name: &'n str },
    /// These tools have it in common.
    Ambiguous(Vec<&'c Arc<Tool>>),
    /// No tool has it.
    Unknown,
}

impl Catalog {
    /// What the planner calls a tool: its name where that means this tool, else with its server in front.
    pub fn prompt_name(&self, tool: &Tool) -> String {
        let qualified = |mark: &str| format!("{}{mark}{}", tool.server, tool.name);
        once(tool.name.clone())
            .chain(MARKS.map(qualified))
            .find(|name| self.look_up(name).is_ok_and(|found| found.server == tool.server && found.name == tool.name))
            .unwrap_or_else(|| qualified(MARKS[0]))
    }

    /// The tool a planner means by `name`, or a sentence that says why there is none.
    pub fn find(&self, name: &str) -> Result<&Arc<Tool>, String> {
        self.look_up(name).map_err(|unfound| match unfound {
            Unfound::NotThere { server, name } => {
                let offered = self.tools().iter().filter(|tool| tool.server == server);
                match self.some_names(offered) {
                    Some(names) => {
                        format!("{server} offers no tool named \u{201c}{name}\u{201d} in this run; it offers {names}")
                    }
                    None => format!("{server} offers no tools in this run"),
                }
            }
            Unfound::Ambiguous(tools) => {
                let names: Vec<String> = tools.iter().map(|tool| self.prompt_name(tool)).collect();
                format!("\u{201c}{name}\u{201d} may mean more than one tool: {}", names.join(", "))
            }
            Unfound::Unknown => match self.some_names(self.tools().iter()) {
                Some(names) => format!("no enabled tool is named \u{201c}{name}\u{201d}; there are {names}"),
                None => {
                    format!("no server offers a tool named \u{201c}{name}\u{201d}: there are no enabled tools at all")
                }
            },
        })
    }

    fn look_up<'c, 'n>(&'c self, name: &'n str) -> Result<&'c Arc<Tool>, Unfound<'c, 'n>> {
        match self.qualified(name) {
            // A server may well put its own name in front of its tools' names.
            Some((server, rest)) => {
                let there = |tool: &Tool| tool.server == server;
                match (self.only(rest, there), self.only(name, there)) {
                    (Err(Unfound::Unknown), Err(Unfound::Unknown)) => Err(Unfound::NotThere { server, name: rest }),
                    (Err(Unfound::Unknown), own) => own,
                    (found, _) => found,
                }
            }
            None => self.only(name, |_| true),
        }
    }

    /// The server a name speaks of, and what it says after that; of several, the one with the longest name.
    fn qualified<'c, 'n>(&'c self, name: &'n str) -> Option<(&'c str, &'n str)> {
        let name = name.trim();
        let read = |server: &'c String| {
            let (said, rest) = name.split_at_checked(server.len())?;
            let rest = MARKS.iter().find_map(|mark| rest.strip_prefix(mark)).filter(|rest| !rest.is_empty())?;
            let names_it = !server.is_empty() && said.eq_ignore_ascii_case(server);
            names_it.then_some(((server.len(), said == server), (server.as_str(), rest)))
        };
        let (_, meant) = self.servers.iter().filter_map(read).max_by_key(|(rank, _)| *rank)?;
        Some(meant)
    }

    /// The one tool of this name among those that satisfy `test`; how it is spelt counts where that tells two apart.
    fn only<'n>(&self, name: &'n str, test: impl Fn(&Tool) -> bool) -> Result<&Arc<Tool>, Unfound<'_, 'n>> {
        let mut found: Vec<_> = self.named(name).filter(|tool| test(tool)).collect();
        if found.is_empty() {
            let alike = |tool: &&Arc<Tool>| tool.name.eq_ignore_ascii_case(name) && test(tool);
            found = self.tools().iter().filter(alike).collect();
        }
        match found[..] {
            [] => Err(Unfound::Unknown),
            [tool] => Ok(tool),
            _ => Err(Unfound::Ambiguous(found)),
        }
    }

    /// The names of the first few of these tools.
    fn some_names<'t>(&self, tools: impl Iterator<Item = &'t Arc<Tool>>) -> Option<String> {
        let mut tools = tools.peekable();
        let named: Vec<String> = tools.by_ref().take(MAX_NAMED).map(|tool| self.prompt_name(tool)).collect();
        let more = if tools.peek().is_some() { ", \u{2026}" } else { "" };
        (!named.is_empty()).then(|| format!("{}{more}", named.join(", ")))
    }
}
