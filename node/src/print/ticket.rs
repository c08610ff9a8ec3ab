//! Tickets on paper.

use std::str::FromStr;

use krilla::Document;
use krilla::geom::Size;
use krilla::metadata::Metadata;
use krilla::page::PageSettings;
use krilla::tagging::{Tag, TagGroup, TagTree};

use super::PrintError;
use super::column::{Block, Column};
use super::pen::{ACCENT, INK, Pen, Role, SOFT, Style};
use super::typeface::Weight;

/// Everything that is printed of a booking.
#[derive(Debug, Clone, Default)]
pub struct Sheet {
    /// The document's title.
    pub title: String,
    /// The language of the texts, as a BCP 47 tag.
    pub language: String,
    /// What is shown.
    pub event: String,
    /// When, by the clocks of the venue, with the short name of their zone.
    pub when: String,
    /// The zone's whole name, and when the doors open.
    pub when_more: String,
    /// The venue, and in which of its halls.
    pub place: String,
    /// Where the venue is.
    pub address: String,
    /// The heading of what is good to know.
    pub terms_heading: String,
    /// What is good to know: a paragraph each.
    pub terms: Vec<String>,
    /// What stands beside a mark where the paper is folded.
    pub fold: String,
    /// The tickets.
    pub tickets: Vec<Ticket>,
}

/// A ticket of a booking.
#[derive(Debug, Clone, Default)]
pub struct Ticket {
    /// Which of how many it is.
    pub counted: String,
    /// Section, row, seat: each with its word.
    pub place: Vec<(String, String)>,
    /// Kind, price, holder and order: each with its word.
    pub facts: Vec<(String, String)>,
    /// What a door reads.
    pub code: String,
    /// What the code is to who cannot see it.
    pub code_alt: String,
    /// The ticket's id, for who types.
    pub id: String,
}

/// A paper.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Paper {
    /// Two tickets on a page of A4.
    #[default]
    A4,
    /// A ticket on a page of A4, to be folded twice, with what is good to know.
    Home,
    /// A ticket on a piece of a roll of 80 mm.
    Receipt,
}

/// A word that is no paper.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("write one of: a4 home receipt")]
pub struct UnknownPaper;

impl FromStr for Paper {
    type Err = UnknownPaper;

    fn from_str(text: &str) -> Result<Self, UnknownPaper> {
        match text {
            "a4" => Ok(Self::A4),
            "home" => Ok(Self::Home),
            "receipt" => Ok(Self::Receipt),
            _ => Err(UnknownPaper),
        }
    }
}

const BRAND: &str = "Marquee";
const A4: (f32, f32) = (mm(210.0), mm(297.0));
const MARGIN: f32 = mm(12.0);
const PADDING: f32 = mm(7.0);
/// The part of a ticket with its code. At 150 dots an inch, a module of the largest code is four dots wide.
const STUB: f32 = mm(56.0);
const CODE: f32 = mm(46.0);
const ROLL: f32 = mm(80.0);
const ROLL_MARGIN: f32 = mm(5.0);
const ROLL_CODE: f32 = mm(56.0);
const SMALL: Style = Style::new(Weight::Regular, 6.8, SOFT);
const NOTE: Style = Style::new(Weight::Regular, 9.0, SOFT);
const LOGO: Style = Style::new(Weight::Bold, 11.0, ACCENT);

/// Millimetres in points.
const fn mm(length: f32) -> f32 {
    length * 72.0 / 25.4
}

/// The tickets of a booking as a PDF for a paper.
///
/// # Errors
/// When a code is too long, or the PDF cannot be written.
pub fn pdf(sheet: &Sheet, paper: Paper) -> Result<Vec<u8>, PrintError> {
    let mut document = Document::new();
    document.set_metadata(
        Metadata::new()
            .title(sheet.title.clone())
            .language(sheet.language.clone())
            .creator(BRAND.to_owned())
            .authors(vec![BRAND.to_owned()]),
    );
    let mut tags = TagTree::new().with_lang(Some(sheet.language.clone()));
    match paper {
        Paper::A4 => {
            for pair in sheet.tickets.chunks(2) {
                page(&mut document, &mut tags, A4, |pen| two_tickets(pen, sheet, pair))?;
            }
        }
        Paper::Home => {
            for ticket in &sheet.tickets {
                page(&mut document, &mut tags, A4, |pen| to_be_folded(pen, sheet, ticket))?;
            }
        }
        Paper::Receipt => {
            for ticket in &sheet.tickets {
                let column = receipt(sheet, ticket);
                let size = (ROLL, column.height() + 2.0 * ROLL_MARGIN);
                page(&mut document, &mut tags, size, |pen| column.draw(pen, (ROLL_MARGIN, ROLL_MARGIN)))?;
            }
        }
    }
    document.set_tag_tree(tags);
    document.finish().map_err(|error| PrintError::Pdf(format!("{error:?}")))
}

fn page(
    document: &mut Document,
    tags: &mut TagTree,
    (width, height): (f32, f32),
    draw: impl FnOnce(&mut Pen<'_, '_>) -> Result<(), PrintError>,
) -> Result<(), PrintError> {
    let size = Size::from_wh(width, height)
        .ok_or_else(|| PrintError::Pdf(format!("no page is {width} by {height} points large")))?;
    let mut page = document.start_page_with(PageSettings::new(size));
    let mut surface = page.surface();
    let mut part = TagGroup::new(Tag::Section);
    let drawn = draw(&mut Pen { surface: &mut surface, part: &mut part });
    surface.finish();
    page.finish();
    tags.push(part);
    drawn
}

/// Two tickets, with a line between them to cut along.
fn two_tickets(pen: &mut Pen<'_, '_>, sheet: &Sheet, pair: &[Ticket]) -> Result<(), PrintError> {
    let half = A4.1 / 2.0;
    for (nth, ticket) in pair.iter().enumerate() {
        let top = half * nth as f32;
        card(pen, sheet, ticket, (MARGIN, top + MARGIN), (A4.0 - 2.0 * MARGIN, half - 2.0 * MARGIN))?;
    }
    if pair.len() > 1 {
        pen.rule((0.0, half), (A4.0, half), true);
    }
    Ok(())
}

/// A ticket on the upper half; what is good to know on the lower one; and marks where the paper is folded.
fn to_be_folded(pen: &mut Pen<'_, '_>, sheet: &Sheet, ticket: &Ticket) -> Result<(), PrintError> {
    let (middle, half) = (A4.0 / 2.0, A4.1 / 2.0);
    card(pen, sheet, ticket, (MARGIN, MARGIN), (A4.0 - 2.0 * MARGIN, half - 2.0 * MARGIN))?;
    pen.rule((0.0, half), (MARGIN, half), true);
    pen.rule((A4.0 - MARGIN, half), (A4.0, half), true);
    pen.rule((middle, 0.0), (middle, MARGIN / 2.0), true);
    pen.rule((middle, A4.1 - MARGIN / 2.0), (middle, A4.1), true);
    let mut fold = Column::new(mm(40.0));
    fold.styled(SMALL, &sheet.fold, 1);
    fold.draw(pen, (MARGIN + 3.0, half - SMALL.size / 2.0 - 1.0))?;
    let mut terms = Column::new(A4.0 - 2.0 * (MARGIN + PADDING));
    terms.text(Weight::Bold, 12.0, &sheet.terms_heading, 1);
    for words in &sheet.terms {
        terms.push(Block::Gap(6.0)).styled(Style::new(Weight::Regular, 10.0, INK), words, 6);
    }
    terms.draw(pen, (MARGIN + PADDING, half + MARGIN))
}

/// A ticket: what it is for on the left, its code on the right, behind a line to tear along.
fn card(
    pen: &mut Pen<'_, '_>,
    sheet: &Sheet,
    ticket: &Ticket,
    (x, y): (f32, f32),
    (width, height): (f32, f32),
) -> Result<(), PrintError> {
    pen.frame((x, y), (width, height), mm(4.0));
    let tear = x + width - STUB;
    pen.rule((tear, y), (tear, y + height), true);

    let mut facts = Column::new(width - STUB - 2.0 * PADDING);
    facts.styled(LOGO, BRAND, 1).push(Block::Gap(10.0));
    about(&mut facts, sheet, 22.0, 2);
    facts.push(Block::Gap(12.0)).push(Block::Facts { facts: &ticket.place, size: 20.0 });
    facts.push(Block::Rule).push(Block::Facts { facts: &ticket.facts, size: 9.5 });
    facts.draw(pen, (x + PADDING, y + PADDING))?;

    let mut stub = Column::new(CODE);
    stub.push(Block::Code { text: &ticket.code, side: CODE, alt: &ticket.code_alt });
    stub.push(Block::Gap(8.0)).text(Weight::Bold, 10.0, &ticket.counted, 1);
    stub.styled(SMALL, &ticket.id, 2);
    // The code stands in the middle of its part, with a quiet zone of four modules and more.
    let top = y + (height - stub.height()) / 2.0;
    stub.draw(pen, (tear + (STUB - CODE) / 2.0, top))
}

fn receipt<'t>(sheet: &'t Sheet, ticket: &'t Ticket) -> Column<'t> {
    let mut column = Column::new(ROLL - 2.0 * ROLL_MARGIN);
    column.styled(Style::new(Weight::Bold, 11.0, INK), BRAND, 1).push(Block::Gap(6.0));
    about(&mut column, sheet, 15.0, 4);
    column.push(Block::Gap(8.0)).push(Block::Facts { facts: &ticket.place, size: 15.0 });
    column.push(Block::Rule).push(Block::Facts { facts: &ticket.facts, size: 9.5 });
    column.push(Block::Gap(14.0));
    column.push(Block::Code { text: &ticket.code, side: ROLL_CODE, alt: &ticket.code_alt });
    column.push(Block::Gap(10.0)).text(Weight::Bold, 10.0, &ticket.counted, 1);
    column.styled(SMALL, &ticket.id, 2);
    column
}

fn about<'t>(column: &mut Column<'t>, sheet: &'t Sheet, size: f32, lines_max: usize) {
    let style = Style::new(Weight::Bold, size, INK);
    column.push(Block::Text { role: Role::Heading, style, text: &sheet.event, lines_max });
    column.push(Block::Gap(6.0)).text(Weight::Bold, 11.0, &sheet.when, 2).styled(NOTE, &sheet.when_more, 2);
    column.push(Block::Gap(5.0)).text(Weight::Bold, 11.0, &sheet.place, 2).styled(NOTE, &sheet.address, 2);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sheet(tickets: usize) -> Sheet {
        let fact = |word: &str, value: &str| (word.to_owned(), value.to_owned());
        let ticket = |nth: usize| Ticket {
            counted: format!("Ticket {nth} of {tickets}"),
            place: vec![fact("Section", "Orchestra left"), fact("Row", "M"), fact("Seat", "104")],
            facts: vec![
                fact("Kind", "Adult, Premium"),
                fact("Price", "$145.00"),
                fact("Name", &"Ada Lovelace ".repeat(12)),
                fact("Order", "ord_01kc0000000000000000000000"),
            ],
            code: format!("MQ1.{}", "x".repeat(148)),
            code_alt: "QR code".to_owned(),
            id: "tkt_01kc0000000000000000000000".to_owned(),
        };
        Sheet {
            title: "Tickets".to_owned(),
            language: "en".to_owned(),
            event: "A very long title ".repeat(20),
            when: "Saturday, December 5, 2026, 7:30 PM PST".to_owned(),
            when_more: "America/Los_Angeles. Doors open at 6:30 PM.".to_owned(),
            place: "Main hall, Fox Theater".to_owned(),
            address: "1807 Telegraph Ave, Oakland, CA, 94612".to_owned(),
            terms_heading: "Good to know".to_owned(),
            terms: vec!["Bring it. ".repeat(30), "Be there.".to_owned()],
            fold: "Fold here".to_owned(),
            tickets: (1..=tickets).map(ticket).collect(),
        }
    }

    fn pages(pdf: &[u8]) -> usize {
        let text = String::from_utf8_lossy(pdf);
        text.matches("/Type/Page").count() + text.matches("/Type /Page").count()
            - text.matches("/Type/Pages").count()
            - text.matches("/Type /Pages").count()
    }

    #[test]
    fn every_paper_takes_any_number_of_tickets() {
        for (paper, count, expected) in [
            (Paper::A4, 1, 1),
            (Paper::A4, 2, 1),
            (Paper::A4, 3, 2),
            (Paper::Home, 3, 3),
            (Paper::Receipt, 3, 3),
        ] {
            let pdf = pdf(&sheet(count), paper).unwrap();
            assert!(pdf.starts_with(b"%PDF-"), "{paper:?}");
            assert_eq!(pages(&pdf), expected, "{paper:?} {count}");
        }
    }

    #[test]
    fn what_is_longest_still_fits_on_its_part_of_the_page() {
        let sheet = sheet(1);
        let mut facts = Column::new(A4.0 - 2.0 * MARGIN - STUB - 2.0 * PADDING);
        facts.styled(LOGO, BRAND, 1).push(Block::Gap(10.0));
        about(&mut facts, &sheet, 22.0, 2);
        facts.push(Block::Gap(12.0)).push(Block::Facts { facts: &sheet.tickets[0].place, size: 20.0 });
        facts.push(Block::Rule).push(Block::Facts { facts: &sheet.tickets[0].facts, size: 9.5 });
        let room = A4.1 / 2.0 - 2.0 * MARGIN - 2.0 * PADDING;
        assert!(facts.height() <= room, "{} of {room}", facts.height());
    }

    #[test]
    fn a_code_that_is_too_long_is_refused() {
        let mut sheet = sheet(1);
        sheet.tickets[0].code = "x".repeat(5_000);
        assert!(matches!(pdf(&sheet, Paper::A4), Err(PrintError::Code(_))));
    }
}
