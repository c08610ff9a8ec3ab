//! Pictures that stand beside a link when it is shared.

use std::fmt::Write;
use std::sync::{Arc, LazyLock};

use resvg::tiny_skia::{Pixmap, Transform};
use resvg::usvg::{self, fontdb};

use super::PrintError;
use super::typeface::{BOLD, REGULAR, Weight};

/// How wide a picture is, in pixels.
pub const WIDTH: u32 = 1_200;
/// How high it is.
pub const HEIGHT: u32 = 630;

const MARGIN: f32 = 80.0;
const TITLE_LINES: usize = 3;
/// The title is as large as fits.
const TITLE_SIZES: [f32; 3] = [92.0, 76.0, 62.0];
const NOTE_SIZE: f32 = 36.0;

/// What stands on a picture.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct Card {
    /// A word above the title. May be empty.
    pub kicker: String,
    /// The title.
    pub title: String,
    /// Lines below it, of which at most two are shown.
    pub notes: Vec<String>,
}

static FONTS: LazyLock<Arc<fontdb::Database>> = LazyLock::new(|| {
    let mut fonts = fontdb::Database::new();
    fonts.load_font_data(REGULAR.to_vec());
    fonts.load_font_data(BOLD.to_vec());
    Arc::new(fonts)
});

/// Paints a card as PNG. Takes some tens of milliseconds.
///
/// # Errors
/// When the painter refuses, which it does for no text.
pub fn png(card: &Card) -> Result<Vec<u8>, PrintError> {
    let refused = |error: String| PrintError::Picture(error);
    let options = usvg::Options {
        font_family: "Inter".to_owned(),
        fontdb: Arc::clone(&FONTS),
        ..usvg::Options::default()
    };
    let tree = usvg::Tree::from_str(&svg(card), &options).map_err(|error| refused(error.to_string()))?;
    let mut pixels = Pixmap::new(WIDTH, HEIGHT).ok_or_else(|| refused("no memory".to_owned()))?;
    resvg::render(&tree, Transform::default(), &mut pixels.as_mut());
    pixels.encode_png().map_err(|error| refused(error.to_string()))
}

fn svg(card: &Card) -> String {
    let room = WIDTH as f32 - 2.0 * MARGIN;
    let fits = |size: &f32| {
        let lines = Weight::Bold.lines(*size, &card.title, room, TITLE_LINES);
        !lines.last().is_some_and(|line| line.ends_with('…'))
    };
    let size = TITLE_SIZES.into_iter().find(fits).unwrap_or(TITLE_SIZES[TITLE_SIZES.len() - 1]);
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{WIDTH}\" height=\"{HEIGHT}\">\
         <defs><linearGradient id=\"g\" x1=\"0\" y1=\"0\" x2=\"1\" y2=\"1\"><stop offset=\"0\" stop-color=\"#9c1c3c\"/>\
         <stop offset=\"1\" stop-color=\"#4d0d20\"/></linearGradient></defs>\
         <rect width=\"{WIDTH}\" height=\"{HEIGHT}\" fill=\"url(#g)\"/>\
         <circle cx=\"1120\" cy=\"90\" r=\"300\" fill=\"#ffffff\" fill-opacity=\"0.05\"/>\
         <circle cx=\"1200\" cy=\"630\" r=\"220\" fill=\"#ffffff\" fill-opacity=\"0.05\"/>{TICKET}"
    );
    let mut line = |weight: u32, size: f32, (x, y): (f32, f32), opacity: f32, text: &str| {
        // Writing to a string does not fail.
        _ = write!(
            svg,
            "<text x=\"{x}\" y=\"{y}\" font-family=\"Inter\" font-weight=\"{weight}\" font-size=\"{size}\" \
             fill=\"#ffffff\" fill-opacity=\"{opacity}\">{}</text>",
            escaped(text)
        );
    };
    line(700, 40.0, (MARGIN + 56.0, 122.0), 1.0, "Marquee");
    let notes = card.notes.iter().take(2);
    let notes: Vec<_> =
        notes.filter_map(|note| Weight::Regular.lines(NOTE_SIZE, note, room, 1).into_iter().next()).collect();
    let mut y = HEIGHT as f32 - MARGIN - NOTE_SIZE * 1.4 * (notes.len().saturating_sub(1)) as f32;
    let notes_top = y - NOTE_SIZE;
    for note in &notes {
        line(400, NOTE_SIZE, (MARGIN, y), 0.92, note);
        y += NOTE_SIZE * 1.4;
    }
    let title = Weight::Bold.lines(size, &card.title, room, TITLE_LINES);
    let mut y = notes_top - 34.0 - size * 1.12 * (title.len().saturating_sub(1)) as f32;
    if let Some(kicker) = Weight::Bold.lines(30.0, &card.kicker, room, 1).first() {
        line(700, 30.0, (MARGIN, y - size - 14.0), 0.75, kicker);
    }
    for text in &title {
        line(700, size, (MARGIN, y), 1.0, text);
        y += size * 1.12;
    }
    svg.push_str("</svg>");
    svg
}

/// The brand's ticket, beside its name.
const TICKET: &str = "<g transform=\"translate(72,76) scale(2)\"><path d=\"M8 12.500V10a1 1 0 0 1 1-1h14a1 1 0 0 1 1 \
1v2.500a3.500 3.500 0 0 0 0 7V22a1 1 0 0 1-1 1H9a1 1 0 0 1-1-1v-2.500a3.500 3.500 0 0 0 0-7z\" fill=\"#fff\"/>\
<path d=\"M16 11.500v9\" stroke=\"#9c1c3c\" stroke-width=\"1.600\" stroke-dasharray=\"1.800 1.800\"/></g>";

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn card(title: &str) -> Card {
        let notes = vec!["Fox Theater, Oakland".to_owned(), "From Dec 5".to_owned()];
        Card { kicker: "Concert".to_owned(), title: title.to_owned(), notes }
    }

    #[test]
    fn every_title_is_painted() {
        let empty = png(&card("")).unwrap();
        for title in ["Hamlet", "<b>&\"'", &"Wagner ".repeat(60), &"W".repeat(300), "東京 🎭"] {
            let picture = png(&card(title)).unwrap();
            assert!(picture.starts_with(b"\x89PNG"), "{title}");
            assert_eq!(picture[16..24], [0, 0, 4, 176, 0, 0, 2, 118], "{title}");
            assert!(picture != empty, "{title}");
        }
    }

    #[test]
    fn nothing_stands_beyond_the_edge() {
        for title in ["Hamlet", &"Wagner ".repeat(60), &"W".repeat(300)] {
            let svg = svg(&card(title));
            for y in svg.split(" y=\"").skip(1) {
                let y: f32 = y.split('"').next().unwrap().parse().unwrap();
                assert!((0.0..HEIGHT as f32).contains(&y), "{title}: {svg}");
            }
        }
    }
}
