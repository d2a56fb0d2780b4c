//! Base64 as servers send it (RFC 4648, sections 4 and 5): both alphabets, with or without padding, line breaks ignored.

/// The bytes; `None` where `text` is no base64.
pub fn decode(text: &str) -> Option<Vec<u8>> {
    // Some servers send a whole data address.
    let text =
        text.strip_prefix("data:").map_or(Some(text), |rest| rest.split_once(";base64,").map(|(_, data)| data))?;
    let mut bytes = Vec::with_capacity(text.len() / 4 * 3 + 3);
    let (mut bits, mut count, mut digits, mut padding) = (0_u32, 0_u32, 0_usize, 0_usize);
    for byte in text.bytes() {
        let digit = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' | b'-' => 62,
            b'/' | b'_' => 63,
            b'=' => {
                padding += 1;
                continue;
            }
            b'\n' | b'\r' | b'\t' | b' ' => continue,
            _ => return None,
        };
        if padding > 0 {
            return None;
        }
        digits += 1;
        bits = bits << 6 | u32::from(digit);
        count += 6;
        if count >= 8 {
            count -= 8;
            bytes.push(u8::try_from(bits >> count & 0xff).ok()?);
        }
    }
    // One digit over is no byte; padding fills up to four.
    let fits = digits % 4 != 1 && padding <= 2 && (padding == 0 || (digits + padding).is_multiple_of(4));
    fits.then_some(bytes)
}
