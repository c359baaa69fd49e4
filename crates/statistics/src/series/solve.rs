//! The normal equations of a regression: a handful of columns, so plain arithmetic does.

/// A square symmetric matrix, row by row.
#[derive(Clone, Debug)]
pub struct Square {
    width: usize,
    values: Vec<f64>,
}

impl Square {
    pub fn zero(width: usize) -> Self {
        Self {
            width,
            values: vec![0.0; width * width],
        }
    }

    /// Adds the product of `row` with itself, so many times.
    pub fn add(&mut self, row: &[f64], weight: f64) {
        for (line, one) in self.values.chunks_mut(self.width).zip(row) {
            for (value, other) in line.iter_mut().zip(row) {
                *value += weight * one * other;
            }
        }
    }

    pub fn times(&self, vector: &[f64]) -> Vec<f64> {
        let lines = self.values.chunks(self.width);
        lines.map(|line| super::dot(line, vector)).collect()
    }

    /// `vector' * self * vector`.
    pub fn form(&self, vector: &[f64]) -> f64 {
        super::dot(&self.times(vector), vector)
    }

    /// By Gauss-Jordan on columns scaled to the same size; `None` if a column is made of the others.
    pub fn inverse(&self) -> Option<Self> {
        let scales: Vec<f64> = (0..self.width).map(|at| self.at(at, at).sqrt()).collect();
        let mut left = self.scaled(&scales);
        let mut right = Self::zero(self.width);
        for at in 0..self.width {
            right.values[at * self.width + at] = 1.0;
        }
        for column in 0..self.width {
            let pivot = left.at(column, column);
            // What is left of a column that the others make up is rounding.
            if pivot.is_nan() || pivot < 1e-12 {
                return None;
            }
            for row in (0..self.width).filter(|row| *row != column) {
                let factor = left.at(row, column) / pivot;
                left.take(row, column, factor);
                right.take(row, column, factor);
            }
            left.divide(column, pivot);
            right.divide(column, pivot);
        }
        Some(right.scaled(&scales))
    }

    fn at(&self, row: usize, column: usize) -> f64 {
        self.values[row * self.width + column]
    }

    /// Every value divided by the scales of its row and column.
    fn scaled(&self, scales: &[f64]) -> Self {
        let mut scaled = self.clone();
        for (at, value) in scaled.values.iter_mut().enumerate() {
            *value /= scales[at / self.width] * scales[at % self.width];
        }
        scaled
    }

    fn take(&mut self, row: usize, from: usize, factor: f64) {
        for column in 0..self.width {
            self.values[row * self.width + column] -= factor * self.at(from, column);
        }
    }

    fn divide(&mut self, row: usize, by: f64) {
        for column in 0..self.width {
            self.values[row * self.width + column] /= by;
        }
    }
}
