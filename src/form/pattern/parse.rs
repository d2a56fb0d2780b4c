//! Reads a regular expression (ECMA-262, section 22.2.1, the part that schemas use). Nothing where it holds what the
//! matcher does not know, or is none.

use std::iter::Peekable;
use std::str::Chars;

/// Longer expressions are left to the server.
const MAX_PATTERN_CHARS: usize = 1_000;
/// Groups within groups: each takes room on the stack.
const MAX_NESTING: u32 = 32;

/// One part of an expression.
#[derive(Debug)]
pub(super) enum Node {
    One(Item),
    Start,
    End,
    Boundary { wanted: bool },
    Group(Vec<Vec<Node>>),
    RepeatOne { item: Item, least: usize, most: usize },
    RepeatGroup { branches: Vec<Vec<Node>>, least: usize, most: usize },
}

/// What one character may be.
#[derive(Clone, Debug)]
pub(super) enum Item {
    Is(char),
    Any,
    Between(char, char),
    Digit,
    Word,
    Space,
    Not(Box<Item>),
    OneOf(Vec<Item>),
}

impl Item {
    pub(super) fn holds(&self, c: char) -> bool {
        match self {
            Self::Is(own) => c == *own,
            Self::Any => !matches!(c, '\n' | '\r' | '\u{2028}' | '\u{2029}'),
            Self::Between(first, last) => (*first..=*last).contains(&c),
            Self::Digit => c.is_ascii_digit(),
            Self::Word => c.is_ascii_alphanumeric() || c == '_',
            Self::Space => c.is_whitespace() || c == '\u{feff}',
            Self::Not(item) => !item.holds(c),
            Self::OneOf(items) => items.iter().any(|item| item.holds(c)),
        }
    }
}

/// The branches of an expression.
pub(super) fn parse(pattern: &str) -> Option<Vec<Vec<Node>>> {
    if pattern.chars().count() > MAX_PATTERN_CHARS {
        return None;
    }
    let mut reader = Reader { rest: pattern.chars().peekable(), nesting: 0 };
    let branches = reader.branches()?;
    reader.rest.next().is_none().then_some(branches)
}

struct Reader<'a> {
    rest: Peekable<Chars<'a>>,
    nesting: u32,
}

impl Reader<'_> {
    fn branches(&mut self) -> Option<Vec<Vec<Node>>> {
        let mut branches = vec![Vec::new()];
        while let Some(&c) = self.rest.peek() {
            match c {
                ')' => break,
                '|' => {
                    self.rest.next();
                    branches.push(Vec::new());
                }
                _ => {
                    let node = self.node()?;
                    branches.last_mut()?.push(node);
                }
            }
        }
        Some(branches)
    }

    fn node(&mut self) -> Option<Node> {
        let node = match self.rest.next()? {
            '^' => return Some(Node::Start),
            '$' => return Some(Node::End),
            '.' => Node::One(Item::Any),
            '[' => Node::One(self.class()?),
            '(' => Node::Group(self.group()?),
            '\\' => match self.rest.next()? {
                'b' => return Some(Node::Boundary { wanted: true }),
                'B' => return Some(Node::Boundary { wanted: false }),
                escaped => Node::One(self.escape(escaped)?),
            },
            '*' | '+' | '?' | '{' => return None,
            plain => Node::One(Item::Is(plain)),
        };
        self.repeated(node)
    }

    fn group(&mut self) -> Option<Vec<Vec<Node>>> {
        if self.rest.next_if_eq(&'?').is_some() {
            match self.rest.next()? {
                ':' => {}
                // A name; look-behind begins alike and is not known.
                '<' => {
                    let named = self.rest.next_if(|c| c.is_alphabetic() || matches!(c, '_' | '$')).is_some();
                    while self.rest.next_if(|c| *c != '>').is_some() {}
                    if !named || self.rest.next().is_none() {
                        return None;
                    }
                }
                _ => return None,
            }
        }
        self.nesting += 1;
        if self.nesting > MAX_NESTING {
            return None;
        }
        let branches = self.branches()?;
        self.nesting -= 1;
        self.rest.next_if_eq(&')').map(|_| branches)
    }

    fn repeated(&mut self, node: Node) -> Option<Node> {
        let (least, most) = match self.rest.peek() {
            Some('*') => (0, usize::MAX),
            Some('+') => (1, usize::MAX),
            Some('?') => (0, 1),
            Some('{') => return self.counted(node),
            _ => return Some(node),
        };
        self.rest.next();
        self.repeat(node, least, most)
    }

    fn counted(&mut self, node: Node) -> Option<Node> {
        self.rest.next();
        let least = self.number()?;
        let most = match self.rest.next()? {
            '}' => return self.repeat(node, least, least),
            ',' if self.rest.peek() == Some(&'}') => usize::MAX,
            ',' => self.number()?,
            _ => return None,
        };
        self.rest.next_if_eq(&'}')?;
        self.repeat(node, least, most)
    }

    fn repeat(&mut self, node: Node, least: usize, most: usize) -> Option<Node> {
        // As few as possible, or as many: the same texts match.
        self.rest.next_if_eq(&'?');
        match node {
            Node::One(item) => Some(Node::RepeatOne { item, least, most }),
            Node::Group(branches) => Some(Node::RepeatGroup { branches, least, most }),
            _ => None,
        }
    }

    fn number(&mut self) -> Option<usize> {
        let mut digits = String::new();
        while let Some(digit) = self.rest.next_if(char::is_ascii_digit) {
            digits.push(digit);
        }
        digits.parse().ok()
    }

    /// What stands in brackets.
    fn class(&mut self) -> Option<Item> {
        let negated = self.rest.next_if_eq(&'^').is_some();
        let mut items = Vec::new();
        loop {
            let item = match self.rest.next()? {
                ']' => break,
                '\\' => match self.rest.next()? {
                    'b' => Item::Is('\u{8}'),
                    escaped => self.escape(escaped)?,
                },
                plain => Item::Is(plain),
            };
            items.push(self.range(item)?);
        }
        let one_of = Item::OneOf(items);
        Some(if negated { Item::Not(Box::new(one_of)) } else { one_of })
    }

    /// The range that begins with this character, if one does.
    fn range(&mut self, first: Item) -> Option<Item> {
        let mut ahead = self.rest.clone();
        let begins = ahead.next() == Some('-') && ahead.next().is_some_and(|c| c != ']');
        let Item::Is(from) = first else { return Some(first) };
        if !begins {
            return Some(first);
        }
        self.rest.next();
        let last = match self.rest.next()? {
            '\\' => {
                let escaped = self.rest.next()?;
                self.escape(escaped)?
            }
            plain => Item::Is(plain),
        };
        match last {
            Item::Is(to) if from <= to => Some(Item::Between(from, to)),
            _ => None,
        }
    }

    fn escape(&mut self, escaped: char) -> Option<Item> {
        let not = |item: Item| Item::Not(Box::new(item));
        Some(match escaped {
            'd' => Item::Digit,
            'D' => not(Item::Digit),
            'w' => Item::Word,
            'W' => not(Item::Word),
            's' => Item::Space,
            'S' => not(Item::Space),
            'n' => Item::Is('\n'),
            'r' => Item::Is('\r'),
            't' => Item::Is('\t'),
            'f' => Item::Is('\u{c}'),
            'v' => Item::Is('\u{b}'),
            '0' => Item::Is('\0'),
            'x' => Item::Is(self.code(2)?),
            'u' if self.rest.next_if_eq(&'{').is_some() => {
                let mut code = 0_u32;
                while let Some(digit) = self.rest.next_if(char::is_ascii_hexdigit) {
                    code = code.checked_mul(16)?.checked_add(digit.to_digit(16)?)?;
                }
                self.rest.next_if_eq(&'}')?;
                Item::Is(char::from_u32(code)?)
            }
            'u' => Item::Is(self.code(4)?),
            letter if letter.is_ascii_alphanumeric() => return None,
            sign => Item::Is(sign),
        })
    }

    fn code(&mut self, digits: usize) -> Option<char> {
        let mut code = 0;
        for _ in 0..digits {
            code = code * 16 + self.rest.next()?.to_digit(16)?;
        }
        char::from_u32(code)
    }
}
