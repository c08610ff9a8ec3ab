//! The typeface: how wide a text is, where its lines break, and what it can write.

use std::sync::LazyLock;

use krilla::text::Font;
use ttf_parser::Face;
use unicode_normalization::UnicodeNormalization;

/// The bytes of the regular weight.
pub(super) const REGULAR: &[u8] = include_bytes!("../../fonts/Inter-Regular.otf");
/// The bytes of the bold weight.
pub(super) const BOLD: &[u8] = include_bytes!("../../fonts/Inter-Bold.otf");
/// Stands for a letter that the typeface lacks.
const MISSING: char = '□';
const ELLIPSIS: &str = "…";

/// How heavy a text is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Weight {
    /// For what is read.
    Regular,
    /// For what is found.
    Bold,
}

/// A weight of the typeface.
pub(super) struct Typeface {
    face: Face<'static>,
    pub(super) font: Font,
}

static FACES: LazyLock<[Typeface; 2]> = LazyLock::new(|| [Typeface::load(REGULAR), Typeface::load(BOLD)]);

impl Weight {
    pub(super) fn face(self) -> &'static Typeface {
        match self {
            Self::Regular => &FACES[0],
            Self::Bold => &FACES[1],
        }
    }

    /// How wide a text is at a size, in the unit of the size.
    #[must_use]
    pub fn width(self, size: f32, text: &str) -> f32 {
        let face = &self.face().face;
        let advance = |letter| face.glyph_hor_advance(face.glyph_index(letter)?);
        let sum: f32 = text.chars().map(|letter| f32::from(advance(letter).unwrap_or_default())).sum();
        sum * size / f32::from(face.units_per_em())
    }

    /// The lines of a text that is at most so wide; the last of at most `lines_max` is cut if more would follow.
    #[must_use]
    pub fn lines(self, size: f32, text: &str, width: f32, lines_max: usize) -> Vec<String> {
        let text = legible(text);
        let mut lines: Vec<String> = Vec::new();
        let mut line = String::new();
        let mut words = text.split_whitespace().map(str::to_owned).collect::<Vec<_>>().into_iter();
        let mut next = words.next();
        while let Some(word) = next.take() {
            let longer = if line.is_empty() { word.clone() } else { format!("{line} {word}") };
            if self.width(size, &longer) <= width {
                line = longer;
                next = words.next();
                continue;
            }
            if lines.len() + 1 >= lines_max {
                lines.push(self.cut(size, &longer, width));
                return lines;
            }
            if line.is_empty() {
                // A word that is longer than a line is broken where the line ends.
                let fits = self.longest(size, &word, width).max(first_letter(&word));
                lines.push(word[..fits].to_owned());
                next = Some(word[fits..].to_owned()).filter(|rest| !rest.is_empty()).or_else(|| words.next());
            } else {
                lines.push(std::mem::take(&mut line));
                next = Some(word);
            }
        }
        if !line.is_empty() {
            lines.push(line);
        }
        lines
    }

    fn cut(self, size: f32, text: &str, width: f32) -> String {
        let room = width - self.width(size, ELLIPSIS);
        let kept = &text[..self.longest(size, text, room)];
        format!("{}{ELLIPSIS}", kept.trim_end())
    }

    /// How many bytes of a text are at most so wide.
    fn longest(self, size: f32, text: &str, width: f32) -> usize {
        let mut wide = 0.0;
        for (at, letter) in text.char_indices() {
            wide += self.width(size, letter.encode_utf8(&mut [0; 4]));
            if wide > width {
                return at;
            }
        }
        text.len()
    }
}

fn first_letter(word: &str) -> usize {
    word.chars().next().map_or(0, char::len_utf8)
}

impl Typeface {
    fn load(bytes: &'static [u8]) -> Self {
        // The files are part of the binary, and a test loads them.
        #[expect(clippy::expect_used, reason = "see above")]
        let (face, font) = (
            Face::parse(bytes, 0).expect("the font is whole"),
            Font::new(bytes.into(), 0).expect("the font is whole"),
        );
        Self { face, font }
    }
}

/// A text in letters that the typeface has.
#[must_use]
pub fn legible(text: &str) -> String {
    let has = |letter: char| Weight::Regular.face().face.glyph_index(letter).is_some();
    let mut legible = String::with_capacity(text.len());
    for letter in text.nfc() {
        if letter.is_whitespace() {
            legible.push(' ');
        } else if has(letter) {
            legible.push(letter);
        } else if !is_ornament(letter) && !letter.is_control() {
            // Compatibility forms are written by what they stand for, accents that are lacking are left out.
            let plain: String = Some(letter).into_iter().nfkd().filter(|part| has(*part)).collect();
            if plain.is_empty() { legible.push(MISSING) } else { legible.push_str(&plain) }
        }
    }
    legible.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Pictographs, and signs that only change how others look.
fn is_ornament(letter: char) -> bool {
    matches!(
        letter,
        '\u{200b}'..='\u{200f}'
            | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{2300}'..='\u{23ff}'
            | '\u{2600}'..='\u{27bf}'
            | '\u{2b00}'..='\u{2bff}'
            | '\u{fe00}'..='\u{fe0f}'
            | '\u{feff}'
            | '\u{1f000}'..='\u{1faff}'
            | '\u{e0000}'..='\u{e01ef}'
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_as_wide_as_they_may_be_and_the_last_one_is_cut() {
        let text = "A Midsummer Night’s Dream, or whatever the company makes of it this year";
        for width in [40.0, 90.0, 200.0, 2_000.0] {
            for lines_max in [1, 2, 3, 50] {
                let lines = Weight::Bold.lines(12.0, text, width, lines_max);
                assert!(lines.len() <= lines_max, "{lines:?}");
                assert!(
                    lines.iter().all(|line| Weight::Bold.width(12.0, line) <= width),
                    "{width}: {lines:?}"
                );
                let is_whole = lines.join(" ").replace(' ', "") == text.replace(' ', "");
                assert!(is_whole || lines.last().unwrap().ends_with('…'), "{lines:?}");
            }
        }
        assert_eq!(Weight::Bold.lines(12.0, text, 2_000.0, 1), [text]);
        let broken = Weight::Regular.lines(12.0, &"w".repeat(100), 100.0, 50);
        assert!(broken.len() > 5 && broken.concat() == "w".repeat(100), "{broken:?}");
        assert!(Weight::Regular.lines(12.0, " \n ", 100.0, 3).is_empty());
    }

    #[test]
    fn a_text_is_legible_whatever_is_in_it() {
        assert_eq!(legible("Žižkov Ελλάδα Москва €₹ “quoted”"), "Žižkov Ελλάδα Москва €₹ “quoted”");
        assert_eq!(legible("🎭 Gala 👩‍👩‍👧 night ❤️"), "Gala night");
        assert_eq!(legible("ﬁne ①\tCafe\u{301}\n"), "fine 1 Café");
        assert_eq!(legible("東京 2"), "□□ 2");
        assert_eq!(legible("a\u{202e}b\u{0}c"), "abc");
    }
}
