//! A column of a page: blocks below each other.

use super::PrintError;
use super::pen::{INK, Pen, Role, SOFT, Style};
use super::typeface::Weight;

/// What stands in a column.
pub(super) enum Block<'t> {
    /// A text of at most so many lines.
    Text { role: Role, style: Style, text: &'t str, lines_max: usize },
    /// Words and their values, side by side where there is room.
    Facts { facts: &'t [(String, String)], size: f32 },
    /// A QR code, as wide as the column unless a side is given, in its middle.
    Code { text: &'t str, side: f32, alt: &'t str },
    /// Nothing.
    Gap(f32),
    /// A line.
    Rule,
}

/// Blocks below each other, all of the same width.
pub(super) struct Column<'t> {
    pub(super) width: f32,
    pub(super) blocks: Vec<Block<'t>>,
}

/// The words above a column's facts.
const WORD: Style = Style::new(Weight::Regular, 8.0, SOFT);
/// Between facts that stand side by side.
const FACT_GAP: f32 = 18.0;
/// Between a word and its value, and between lines of facts.
const FACT_LINE_GAP: f32 = 2.0;
const RULE_HEIGHT: f32 = 13.0;

/// A fact that knows where it stands in its column.
struct PlacedFact {
    x: f32,
    y: f32,
    word: Vec<String>,
    value: Vec<String>,
}

impl<'t> Column<'t> {
    pub(super) const fn new(width: f32) -> Self {
        Self { width, blocks: Vec::new() }
    }

    pub(super) fn text(&mut self, weight: Weight, size: f32, text: &'t str, lines_max: usize) -> &mut Self {
        self.styled(Style::new(weight, size, INK), text, lines_max)
    }

    pub(super) fn styled(&mut self, style: Style, text: &'t str, lines_max: usize) -> &mut Self {
        self.push(Block::Text { role: Role::Paragraph, style, text, lines_max })
    }

    pub(super) fn push(&mut self, block: Block<'t>) -> &mut Self {
        self.blocks.push(block);
        self
    }

    /// How high it is.
    pub(super) fn height(&self) -> f32 {
        self.blocks.iter().map(|block| self.block_height(block)).sum()
    }

    fn block_height(&self, block: &Block<'_>) -> f32 {
        match block {
            Block::Text { style, text, lines_max, .. } => {
                let lines = style.weight.lines(style.size, text, self.width, *lines_max);
                lines.len() as f32 * style.leading()
            }
            Block::Facts { facts, size } => self.placed(facts, *size).1,
            Block::Code { side, .. } => *side,
            Block::Gap(height) => *height,
            Block::Rule => RULE_HEIGHT,
        }
    }

    /// Draws it with its upper left corner there.
    ///
    /// # Errors
    /// When a code is too long.
    pub(super) fn draw(&self, pen: &mut Pen<'_, '_>, (x, mut y): (f32, f32)) -> Result<(), PrintError> {
        for block in &self.blocks {
            match block {
                Block::Text { role, style, text, lines_max } => {
                    let lines = style.weight.lines(style.size, text, self.width, *lines_max);
                    pen.lines(*role, style, (x, y), &lines);
                }
                Block::Facts { facts, size } => {
                    let value = Style::new(Weight::Bold, *size, INK);
                    for fact in self.placed(facts, *size).0 {
                        let below = pen.lines(Role::Paragraph, &WORD, (x + fact.x, y + fact.y), &fact.word);
                        pen.lines(Role::Paragraph, &value, (x + fact.x, below + FACT_LINE_GAP), &fact.value);
                    }
                }
                Block::Code { text, side, alt } => {
                    pen.code((x + (self.width - side) / 2.0, y), *side, text, alt)?;
                }
                Block::Gap(_) => {}
                Block::Rule => {
                    let middle = y + RULE_HEIGHT / 2.0;
                    pen.rule((x, middle), (x + self.width, middle), false);
                }
            }
            y += self.block_height(block);
        }
        Ok(())
    }

    /// Where facts stand, and how high all of them are.
    fn placed(&self, facts: &[(String, String)], size: f32) -> (Vec<PlacedFact>, f32) {
        let value = Style::new(Weight::Bold, size, INK);
        let mut placed = Vec::with_capacity(facts.len());
        let (mut x, mut y, mut line_height) = (0.0, 0.0, 0.0_f32);
        for (word, text) in facts {
            let words = WORD.weight.lines(WORD.size, word, self.width, 1);
            let values = value.weight.lines(size, text, self.width, 2);
            let widths = words.iter().map(|line| WORD.weight.width(WORD.size, line));
            let widths = widths.chain(values.iter().map(|line| value.weight.width(size, line)));
            let wide = widths.fold(0.0, f32::max);
            if x > 0.0 && x + wide > self.width {
                (x, y, line_height) = (0.0, y + line_height + 4.0 * FACT_LINE_GAP, 0.0);
            }
            let height =
                words.len() as f32 * WORD.leading() + FACT_LINE_GAP + values.len() as f32 * value.leading();
            line_height = line_height.max(height);
            placed.push(PlacedFact { x, y, word: words, value: values });
            x += wide + FACT_GAP;
        }
        (placed, y + line_height)
    }
}
