//! A logged request as a line for a POSIX shell that sends it again. Secrets stand in it as variables, whose values it
//! does not know.

use super::blot::{Blot, Piece, scheme_of};
use super::exchange::Exchange;

/// The line. `origin` is the page's, which the browser adds and servers check.
pub fn curl(exchange: &Exchange, blot: &Blot, origin: &str) -> String {
    let mut parts = vec![format!("curl -i -N -X {}", exchange.method_name())];
    parts.push(quoted(&blot.url_pieces(&exchange.url), "SECRET"));
    if !origin.is_empty() {
        parts.push(format!("-H {}", quoted(&[Piece::Plain("origin: "), Piece::Plain(origin)], "")));
    }
    for (name, value) in &exchange.headers {
        let start = format!("{name}: ");
        let mut pieces = vec![Piece::Plain(start.as_str())];
        let scheme = scheme_of(value).map(|scheme| format!("{scheme} "));
        if blot.hides(name) {
            pieces.extend(scheme.as_deref().map(Piece::Plain));
            pieces.push(Piece::Secret);
        } else {
            pieces.extend(blot.pieces(value));
        }
        parts.push(format!("-H {}", quoted(&pieces, &variable(name))));
    }
    let Some(body) = &exchange.body else { return parts.join(" \\\n  ") };
    if body.is_whole() {
        let text = body.text();
        parts.push(format!("--data-raw {}", quoted(&blot.pieces(&text), "SECRET")));
        return parts.join(" \\\n  ");
    }
    parts.push("--data-binary @body.json".to_owned());
    let note = format!("# The body was {} bytes, too long to be kept: put it into body.json.\n", body.size);
    note + &parts.join(" \\\n  ")
}

/// In single quotes, except for the secrets' variables, which the shell fills in.
fn quoted(pieces: &[Piece<'_>], variable: &str) -> String {
    let mut out = String::new();
    let mut plain = String::new();
    for piece in pieces {
        match piece {
            Piece::Plain(text) => plain.push_str(text),
            Piece::Secret => {
                flush(&mut plain, &mut out);
                out.push_str("\"$");
                out.push_str(variable);
                out.push('"');
            }
        }
    }
    flush(&mut plain, &mut out);
    if out.is_empty() { "''".to_owned() } else { out }
}

fn flush(plain: &mut String, out: &mut String) {
    if !plain.is_empty() {
        out.push('\'');
        out.push_str(&plain.replace('\'', "'\\''"));
        out.push('\'');
        plain.clear();
    }
}

/// The variable for the secret in this header.
fn variable(header: &str) -> String {
    if header.eq_ignore_ascii_case("authorization") {
        return "TOKEN".to_owned();
    }
    let name: String =
        header.chars().map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_uppercase() } else { '_' }).collect();
    if name.starts_with(|c: char| c.is_ascii_digit()) { format!("_{name}") } else { name }
}
