//! A table of numbers, row by row, as every method here takes it.
//!
//! What is missing is `NaN`; infinities count as missing too. Who owns the numbers, and what they mean, is the caller's.

/// Borrowed rows of equal length, one after another.
#[derive(Clone, Copy, Debug)]
pub struct Rows<'a> {
    values: &'a [f64],
    columns: usize,
}

impl<'a> Rows<'a> {
    /// Rows of `columns` numbers each; a last row that is not whole is left out. `None` without columns, or with more than
    /// [`Rows::MOST_COLUMNS`].
    pub fn new(values: &'a [f64], columns: usize) -> Option<Self> {
        let known = (1..=Self::MOST_COLUMNS).contains(&columns);
        let whole = values.len().checked_div(columns)?.checked_mul(columns)?;
        let values = values.get(..whole)?;
        known.then_some(Self { values, columns })
    }

    /// A table may have as many columns as a node of a tree can name.
    pub const MOST_COLUMNS: usize = 65_535;

    /// How many rows there are.
    pub fn len(&self) -> usize {
        self.values.len() / self.columns
    }

    /// Whether there is no row.
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// How many numbers a row has.
    pub fn columns(&self) -> usize {
        self.columns
    }

    /// The row `at`; empty past the end.
    pub fn row(&self, at: usize) -> &'a [f64] {
        let begin = at.saturating_mul(self.columns);
        self.values
            .get(begin..begin.saturating_add(self.columns))
            .unwrap_or_default()
    }

    /// All rows in order.
    pub fn iter(&self) -> std::slice::ChunksExact<'a, f64> {
        self.values.chunks_exact(self.columns)
    }

    /// The numbers of one column, in the order of rows.
    pub fn column(&self, column: usize) -> impl Iterator<Item = f64> + 'a {
        self.iter().map(move |row| row.get(column).copied().unwrap_or(f64::NAN))
    }

    /// Rows cut into pieces of at most `rows` each.
    pub(crate) fn pieces(&self, rows: usize) -> impl Iterator<Item = Rows<'a>> {
        let columns = self.columns;
        let values = self.values.chunks(rows.max(1).saturating_mul(columns));
        values.map(move |values| Rows { values, columns })
    }
}
