//! An address out of the page that somebody else wrote: taken apart so that its host can stand out, and what there is to be
//! careful about. Pure.

use crate::markdown::visible::{is_hidden, visible};
use crate::web::address::ReadAddress;

/// An address that may be opened, in three pieces which joined are the whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct PageAddress {
    /// The whole.
    pub(crate) href: String,
    /// Scheme, and what stands before the host.
    pub(crate) before: String,
    /// Host and port, as the browser reads them.
    pub(crate) host: String,
    /// The rest.
    pub(crate) after: String,
    user_info: String,
}

impl PageAddress {
    /// Nothing where it is no page of the web.
    pub(crate) fn of(read: ReadAddress) -> Option<Self> {
        let ReadAddress { href, scheme, host, user_info } = read;
        if !matches!(scheme.as_str(), "http" | "https") || host.is_empty() {
            return None;
        }
        let start = format!("{scheme}://").len();
        let user_end = if user_info.is_empty() { start } else { href.get(start..)?.find('@')? + start + 1 };
        let after = href.get(user_end..)?.strip_prefix(host.as_str())?.to_owned();
        Some(Self { before: href.get(..user_end)?.to_owned(), host, after, user_info, href })
    }
}

/// What there is to be careful about, in words.
pub(crate) fn cautions(written: &str, address: Option<&PageAddress>) -> Vec<String> {
    let Some(address) = address else {
        return vec!["This is no address of a web page, so it cannot be opened from here.".to_owned()];
    };
    let mut cautions = Vec::new();
    let host = &address.host;
    if !address.user_info.is_empty() {
        cautions.push(format!("What stands before the @ is not where the page is: it is at {host}."));
    }
    if host.split('.').any(|label| label.starts_with("xn--")) {
        let as_written = written_host(written).map(|host| format!(", written {}", visible(host))).unwrap_or_default();
        cautions.push(format!(
            "The host is {host}{as_written}: its name has letters that may look like those of another name."
        ));
    }
    if written.contains(is_hidden) {
        cautions.push(format!("As sent, the address holds characters that cannot be seen: {}", visible(written)));
    }
    if address.before.starts_with("http:") && !is_this_machine(host) {
        cautions.push("The connection is not encrypted (http): do not sign in or pay there.".to_owned());
    }
    cautions
}

fn written_host(written: &str) -> Option<&str> {
    let (_, rest) = written.split_once("://")?;
    let authority = rest.split(['/', '?', '#', '\\']).next()?;
    authority.rsplit('@').next().filter(|host| !host.is_empty())
}

fn is_this_machine(host: &str) -> bool {
    let name = host.rsplit_once(':').map_or(host, |(name, port)| if port.ends_with(']') { host } else { name });
    name == "localhost" || name.ends_with(".localhost") || name == "127.0.0.1" || name == "[::1]"
}

#[cfg(test)]
mod tests {
    use wasm_bindgen_test::wasm_bindgen_test;

    use super::*;
    use crate::web::address::read_address;

    /// The three pieces and the cautions.
    fn looked_at(written: &str) -> (Option<[String; 3]>, Vec<String>) {
        let address = read_address(written).and_then(PageAddress::of);
        let cautions = cautions(written, address.as_ref());
        (address.map(|it| [it.before, it.host, it.after]), cautions)
    }

    fn pieces(before: &str, host: &str, after: &str) -> [String; 3] {
        [before, host, after].map(str::to_owned)
    }

    #[wasm_bindgen_test]
    fn the_host_stands_out_and_an_ordinary_address_needs_no_word() {
        let plain = looked_at("https://Bank.example:8443/pay?x=1#y");
        assert_eq!(plain, (Some(pieces("https://", "bank.example:8443", "/pay?x=1#y")), vec![]));
        assert_eq!(looked_at("http://127.0.0.1:4000/a").1, Vec::<String>::new());
        assert_eq!(looked_at("http://[::1]:4000/a").1, Vec::<String>::new());
    }

    #[wasm_bindgen_test]
    fn a_name_before_the_host_is_no_host() {
        let (address, cautions) = looked_at("https://bank.example@evil.example/pay");
        assert_eq!(address, Some(pieces("https://bank.example@", "evil.example", "/pay")));
        assert_eq!(cautions, ["What stands before the @ is not where the page is: it is at evil.example."]);
    }

    #[wasm_bindgen_test]
    fn a_host_of_look_alike_letters_is_shown_in_punycode() {
        let (address, cautions) = looked_at("https://b\u{430}nk.example/");
        assert_eq!(address, Some(pieces("https://", "xn--bnk-6cd.example", "/")));
        assert_eq!(cautions.len(), 1);
        assert!(cautions[0].starts_with("The host is xn--bnk-6cd.example, written b\u{430}nk.example: "));
    }

    #[wasm_bindgen_test]
    fn what_cannot_be_seen_and_what_is_not_encrypted_is_said() {
        let (_, cautions) = looked_at("http://a.example/\u{202e}gpj.exe");
        let expected = [
            "As sent, the address holds characters that cannot be seen: http://a.example/\u{27e8}U+202E\u{27e9}gpj.exe",
            "The connection is not encrypted (http): do not sign in or pay there.",
        ];
        assert_eq!(cautions, expected);
    }

    #[wasm_bindgen_test]
    fn only_web_pages_can_be_opened() {
        let refused = ["This is no address of a web page, so it cannot be opened from here.".to_owned()];
        for address in ["javascript:alert(1)", "data:text/html,x", "file:///etc/passwd", "mailto:a@b", "not an address"]
        {
            assert_eq!(looked_at(address), (None, refused.to_vec()), "{address}");
        }
    }
}
