//! What bytes are, by how they begin. An allow-list of pictures and sounds that browsers show without running anything: what
//! is not on it, SVG first of all, is offered as a file. What a server says they are counts for nothing here.

/// A kind of picture or sound.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Picture.
    Png,
    /// Picture.
    Jpeg,
    /// Picture.
    Gif,
    /// Picture.
    WebP,
    /// Sound.
    Wav,
    /// Sound.
    Mp3,
    /// Sound.
    Ogg,
}

/// Whether something is seen or heard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sense {
    /// A picture.
    Sight,
    /// A sound.
    Hearing,
}

impl Format {
    /// What `bytes` are.
    pub fn of(bytes: &[u8]) -> Option<Self> {
        let at = |place: usize, magic: &[u8]| bytes.get(place..).is_some_and(|rest| rest.starts_with(magic));
        if at(0, b"\x89PNG\r\n\x1a\n") {
            Some(Self::Png)
        } else if at(0, b"\xff\xd8\xff") {
            Some(Self::Jpeg)
        } else if at(0, b"GIF87a") || at(0, b"GIF89a") {
            Some(Self::Gif)
        } else if at(0, b"RIFF") && at(8, b"WEBP") {
            Some(Self::WebP)
        } else if at(0, b"RIFF") && at(8, b"WAVE") {
            Some(Self::Wav)
        } else if at(0, b"OggS") {
            Some(Self::Ogg)
        } else if at(0, b"ID3") || is_mp3_frame(bytes) {
            Some(Self::Mp3)
        } else {
            None
        }
    }

    /// Its media type.
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Png => "image/png",
            Self::Jpeg => "image/jpeg",
            Self::Gif => "image/gif",
            Self::WebP => "image/webp",
            Self::Wav => "audio/wav",
            Self::Mp3 => "audio/mpeg",
            Self::Ogg => "audio/ogg",
        }
    }

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Png => "PNG",
            Self::Jpeg => "JPEG",
            Self::Gif => "GIF",
            Self::WebP => "WebP",
            Self::Wav => "WAV",
            Self::Mp3 => "MP3",
            Self::Ogg => "Ogg",
        }
    }

    /// What its files' names end with.
    pub fn extension(self) -> &'static str {
        match self {
            Self::Png => "png",
            Self::Jpeg => "jpg",
            Self::Gif => "gif",
            Self::WebP => "webp",
            Self::Wav => "wav",
            Self::Mp3 => "mp3",
            Self::Ogg => "ogg",
        }
    }

    /// Whether it is seen or heard.
    pub fn sense(self) -> Sense {
        match self {
            Self::Png | Self::Jpeg | Self::Gif | Self::WebP => Sense::Sight,
            Self::Wav | Self::Mp3 | Self::Ogg => Sense::Hearing,
        }
    }
}

/// Width and height of a picture, as far as its head tells.
pub fn pixels(format: Format, bytes: &[u8]) -> Option<(u32, u32)> {
    let big = |at: usize| Some(u32::from_be_bytes(bytes.get(at..at + 4)?.try_into().ok()?));
    let little = |at: usize| Some(u32::from(u16::from_le_bytes(bytes.get(at..at + 2)?.try_into().ok()?)));
    match format {
        Format::Png => Some((big(16)?, big(20)?)),
        Format::Gif => Some((little(6)?, little(8)?)),
        Format::WebP => web_p_pixels(bytes),
        Format::Jpeg => jpeg_pixels(bytes),
        Format::Wav | Format::Mp3 | Format::Ogg => None,
    }
}

/// An MPEG audio frame without a head before it: eleven set bits, then a version, a layer, a bit rate and a sample rate that
/// exist (ISO/IEC 11172-3, section 2.4.2.3).
fn is_mp3_frame(bytes: &[u8]) -> bool {
    let &[first, second, third, ..] = bytes else { return false };
    let version_fits = second >> 3 & 0b11 != 0b01;
    let is_layer_three = second >> 1 & 0b11 == 0b01;
    let bit_rate = third >> 4;
    let sample_rate = third >> 2 & 0b11;
    first == 0xff
        && second & 0xe0 == 0xe0
        && version_fits
        && is_layer_three
        && !matches!(bit_rate, 0 | 15)
        && sample_rate != 3
}

/// The three kinds of WebP chunk that come first.
fn web_p_pixels(bytes: &[u8]) -> Option<(u32, u32)> {
    let byte = |at: usize| bytes.get(at).copied().map(u32::from);
    match bytes.get(12..16)? {
        b"VP8X" => {
            let wide = |at: usize| Some(1 + (byte(at)? | byte(at + 1)? << 8 | byte(at + 2)? << 16));
            Some((wide(24)?, wide(27)?))
        }
        b"VP8L" => {
            let bits = byte(21)? | byte(22)? << 8 | byte(23)? << 16 | byte(24)? << 24;
            Some(((bits & 0x3fff) + 1, (bits >> 14 & 0x3fff) + 1))
        }
        b"VP8 " => {
            let wide = |at: usize| Some((byte(at)? | byte(at + 1)? << 8) & 0x3fff);
            Some((wide(26)?, wide(28)?))
        }
        _ => None,
    }
}

/// Walks the segments to the one that begins the picture.
fn jpeg_pixels(bytes: &[u8]) -> Option<(u32, u32)> {
    let pair = |at: usize| Some(u16::from_be_bytes(bytes.get(at..at + 2)?.try_into().ok()?));
    let mut at = 2;
    loop {
        if *bytes.get(at)? != 0xff {
            return None;
        }
        match *bytes.get(at + 1)? {
            // Fill bytes, and markers without a segment.
            0xff => at += 1,
            0x01 | 0xd0..=0xd8 => at += 2,
            0xc0..=0xc3 | 0xc5..=0xc7 | 0xc9..=0xcb | 0xcd..=0xcf => {
                return Some((u32::from(pair(at + 7)?), u32::from(pair(at + 5)?)));
            }
            0xd9 | 0xda => return None,
            _ => at += 2 + usize::from(pair(at + 2)?).max(2),
        }
    }
}
