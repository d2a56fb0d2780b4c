//! What becomes of links and images when their end is reached.

use super::Builder;
use crate::markdown::link::web_address;
use crate::markdown::visible::visible;
use crate::markdown::{Inline, citation};

impl Builder<'_> {
    pub(super) fn close_link(&mut self, address: &str, reference: bool, content: Vec<Inline>) {
        self.links = self.links.saturating_sub(1);
        // Models number their sources with definitions such as `[1]: https://…`: the number still cites the task, and a
        // number that cites nothing stays one, as it was before the definition came.
        if let ([Inline::Text(text)], true) = (content.as_slice(), reference)
            && let Some(piece) = text.parse().ok().and_then(|id| citation::one(id, self.cite))
        {
            let supported = matches!(piece, Inline::Citation(_));
            self.push_inline(piece);
            if supported {
                return;
            }
            self.push_inline(Inline::Text(" ".to_owned()));
            return self.push_address(address, Vec::new());
        }
        self.push_address(address, content);
    }

    fn push_address(&mut self, address: &str, content: Vec<Inline>) {
        if let Some(web) = web_address(address) {
            let content = if content.is_empty() { vec![Inline::Text(address.to_owned())] } else { content };
            return self.push_inline(Inline::Link { url: web.url.to_owned(), content });
        }
        let says_it = matches!(content.as_slice(), [Inline::Text(text)] if text == address);
        for piece in content {
            self.push_inline(piece);
        }
        if !says_it {
            self.push_inline(Inline::Text(format!(" ({})", visible(address))));
        }
    }

    pub(super) fn close_image(&mut self, address: &str, alt: Vec<Inline>) {
        let gap = if alt.is_empty() { "" } else { " " };
        for piece in alt {
            self.push_inline(piece);
        }
        match web_address(address) {
            Some(web) if self.links == 0 => {
                if !gap.is_empty() {
                    self.push_inline(Inline::Text(gap.to_owned()));
                }
                let content = vec![Inline::Text(format!("image at {}", web.host))];
                self.push_inline(Inline::Link { url: web.url.to_owned(), content });
            }
            _ => self.push_inline(Inline::Text(format!("{gap}(image: {})", visible(address)))),
        }
    }
}
