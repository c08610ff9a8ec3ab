//! Tables of text, aligned.

/// On which side a column's cells stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    Left,
    Right,
}

/// A table of text.
pub(super) struct Table {
    head: Vec<(&'static str, Side)>,
    rows: Vec<Vec<String>>,
}

impl Table {
    /// A table with these columns; names that end with `#` are numbers, which stand on the right.
    pub(super) fn new(columns: &[&'static str]) -> Self {
        let side = |name: &&'static str| match name.strip_suffix('#') {
            Some(name) => (name, Side::Right),
            None => (*name, Side::Left),
        };
        Self { head: columns.iter().map(side).collect(), rows: Vec::new() }
    }

    /// Adds a row; cells that are missing are empty.
    pub(super) fn row(&mut self, cells: impl IntoIterator<Item = String>) {
        self.rows.push(cells.into_iter().collect());
    }

    /// The table, line by line; the last column is not filled up. Empty without rows.
    pub(super) fn text(&self) -> String {
        if self.rows.is_empty() {
            return String::new();
        }
        let cell = |row: &[String], column: usize| row.get(column).cloned().unwrap_or_default();
        let width = |column: usize| {
            let cells = self.rows.iter().map(|row| cell(row, column).chars().count());
            cells.chain([self.head[column].0.chars().count()]).max().unwrap_or_default()
        };
        let widths: Vec<_> = (0..self.head.len()).map(width).collect();
        let line = |cells: &dyn Fn(usize) -> String| {
            let mut line = String::new();
            for (column, (width, (_name, side))) in widths.iter().zip(&self.head).enumerate() {
                let text = cells(column);
                let space = " ".repeat(width - text.chars().count());
                line.push_str(if column == 0 { "" } else { "  " });
                match side {
                    Side::Left => line.push_str(&(text + &space)),
                    Side::Right => line.push_str(&(space + &text)),
                }
            }
            line.trim_end().to_owned() + "\n"
        };
        let head = line(&|column| self.head[column].0.to_uppercase());
        let rows = self.rows.iter().map(|row| line(&|column| cell(row, column)));
        std::iter::once(head).chain(rows).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_aligned_and_numbers_stand_on_the_right() {
        let mut table = Table::new(&["node", "lag#", "home of"]);
        assert_eq!(table.text(), "", "nothing to tell");
        table.row(["n1".to_owned(), "7".to_owned(), "g1, g4".to_owned()]);
        table.row(["zürich-1".to_owned(), "1200".to_owned()]);
        assert_eq!(
            table.text(),
            "NODE       LAG  HOME OF\n\
             n1           7  g1, g4\n\
             zürich-1  1200\n"
        );
    }
}
