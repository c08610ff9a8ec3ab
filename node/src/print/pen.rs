//! Writes on a page, and into the document's structure.

use std::num::NonZeroU16;

use krilla::color::rgb;
use krilla::geom::{PathBuilder, Point, Rect};
use krilla::paint::{Fill, Stroke, StrokeDash};
use krilla::surface::Surface;
use krilla::tagging::{Artifact, ArtifactType, ContentTag, SpanTag, Tag, TagGroup};
use krilla::text::TextDirection;

use super::PrintError;
use super::typeface::Weight;

/// A colour: red, green, blue.
pub(super) type Color = (u8, u8, u8);
/// What is read.
pub(super) const INK: Color = (0x1d, 0x19, 0x1b);
/// What explains.
pub(super) const SOFT: Color = (0x63, 0x5b, 0x5f);
/// Lines.
pub(super) const LINE: Color = (0xc9, 0xc1, 0xc5);
/// The brand's.
pub(super) const ACCENT: Color = (0x9c, 0x1c, 0x3c);

/// How a text looks.
#[derive(Debug, Clone, Copy)]
pub(super) struct Style {
    pub(super) weight: Weight,
    /// In points.
    pub(super) size: f32,
    pub(super) color: Color,
}

impl Style {
    pub(super) const fn new(weight: Weight, size: f32, color: Color) -> Self {
        Self { weight, size, color }
    }

    /// From one line to the next.
    pub(super) fn leading(&self) -> f32 {
        self.size * 1.3
    }
}

/// What a text is to who has the document read to them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    /// What a part is about.
    Heading,
    /// The rest.
    Paragraph,
}

/// Writes on one page; what it wrote is told to a part of the document's structure.
pub(super) struct Pen<'p, 's> {
    pub(super) surface: &'p mut Surface<'s>,
    pub(super) part: &'p mut TagGroup,
}

impl Pen<'_, '_> {
    /// Writes lines below each other; `y` is the first one's upper edge. Gives the lower edge of the last.
    pub(super) fn lines(&mut self, role: Role, style: &Style, at: (f32, f32), lines: &[String]) -> f32 {
        let mut group = match role {
            Role::Heading => TagGroup::new(Tag::Hn(NonZeroU16::MIN, None)),
            Role::Paragraph => TagGroup::new(Tag::P),
        };
        let (x, mut y) = at;
        self.surface.set_stroke(None);
        self.surface.set_fill(Some(fill(style.color)));
        for line in lines {
            // Lines of one paragraph are parted by spaces, for those who search and copy.
            let text = format!("{line} ");
            group.push(self.surface.start_tagged(ContentTag::Span(SpanTag::empty())));
            let start = Point::from_xy(x, y + style.size);
            let font = style.weight.face().font.clone();
            self.surface.draw_text(start, font, style.size, &text, false, TextDirection::Auto);
            self.surface.end_tagged();
            y += style.leading();
        }
        if !lines.is_empty() {
            self.part.push(group);
        }
        y
    }

    /// A line that means nothing.
    pub(super) fn rule(&mut self, from: (f32, f32), to: (f32, f32), is_dashed: bool) {
        let mut path = PathBuilder::new();
        path.move_to(from.0, from.1);
        path.line_to(to.0, to.1);
        let dash = is_dashed.then(|| StrokeDash { array: vec![3.0, 3.0], offset: 0.0 });
        self.stroke(path, dash);
    }

    /// A frame with round corners, which means nothing.
    pub(super) fn frame(&mut self, at: (f32, f32), size: (f32, f32), radius: f32) {
        let ((x, y), (width, height)) = (at, size);
        let (right, bottom) = (x + width, y + height);
        // How far a curve's handle stands from its corner, for a quarter of a circle.
        let handle = radius * 0.448;
        let mut path = PathBuilder::new();
        path.move_to(x + radius, y);
        path.line_to(right - radius, y);
        path.cubic_to(right - handle, y, right, y + handle, right, y + radius);
        path.line_to(right, bottom - radius);
        path.cubic_to(right, bottom - handle, right - handle, bottom, right - radius, bottom);
        path.line_to(x + radius, bottom);
        path.cubic_to(x + handle, bottom, x, bottom - handle, x, bottom - radius);
        path.line_to(x, y + radius);
        path.cubic_to(x, y + handle, x + handle, y, x + radius, y);
        path.close();
        self.stroke(path, None);
    }

    fn stroke(&mut self, path: PathBuilder, dash: Option<StrokeDash>) {
        let Some(path) = path.finish() else { return };
        let tag = ContentTag::Artifact(Artifact::with_kind(ArtifactType::Layout));
        self.surface.start_tagged(tag);
        self.surface.set_fill(None);
        let paint = color(LINE).into();
        self.surface.set_stroke(Some(Stroke { paint, width: 0.75, dash, ..Stroke::default() }));
        self.surface.draw_path(&path);
        self.surface.end_tagged();
    }

    /// A QR code whose modules fill a square; the quiet zone around it is the caller's.
    ///
    /// # Errors
    /// When the text is too long.
    pub(super) fn code(
        &mut self,
        at: (f32, f32),
        side: f32,
        text: &str,
        alt: &str,
    ) -> Result<(), PrintError> {
        let code = qrcode::QrCode::with_error_correction_level(text, qrcode::EcLevel::M)?;
        let width = code.width();
        let module = side / width as f32;
        let mut path = PathBuilder::new();
        for row in 0..width {
            let mut column = 0;
            while column < width {
                let start = column;
                while column < width && code[(column, row)] == qrcode::Color::Dark {
                    column += 1;
                }
                // Modules side by side are one rectangle, so that no hair line shows between them.
                let (x, y) = (at.0 + start as f32 * module, at.1 + row as f32 * module);
                let run = (column - start) as f32 * module;
                if let Some(rect) = Rect::from_xywh(x, y, run, module).filter(|_rect| column > start) {
                    path.push_rect(rect);
                }
                column += 1;
            }
        }
        let Some(path) = path.finish() else { return Ok(()) };
        let mut group = TagGroup::new(Tag::Figure(Some(alt.to_owned())));
        group.push(self.surface.start_tagged(ContentTag::Other));
        self.surface.set_stroke(None);
        self.surface.set_fill(Some(fill((0, 0, 0))));
        self.surface.draw_path(&path);
        self.surface.end_tagged();
        self.part.push(group);
        Ok(())
    }
}

fn color((red, green, blue): Color) -> rgb::Color {
    rgb::Color::new(red, green, blue)
}

fn fill(of: Color) -> Fill {
    Fill { paint: color(of).into(), ..Fill::default() }
}
