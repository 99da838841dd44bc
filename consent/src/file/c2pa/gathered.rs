//! What was read so far, bounded.

use crate::statement::Statement;
use schema::Verdict;

/// Most statements kept of one store.
pub(super) const MOST: usize = 64;

/// Statements without repetition.
#[derive(Debug, Default)]
pub(super) struct Gathered {
    pub(super) list: Vec<Statement>,
}

impl Gathered {
    /// Adds one. When full, only a first no still gets in, so that the bound never changes a decision.
    pub(super) fn add(&mut self, statement: Statement) {
        if self.list.contains(&statement) {
            return;
        }
        if self.list.len() >= MOST {
            if !statement.denies() || self.list.iter().any(Statement::denies) {
                return;
            }
            self.list.pop();
        }
        self.list.push(statement);
    }

    /// Takes the weight from all so far: a later manifest speaks for the picture now.
    pub(super) fn supersede(&mut self) {
        for statement in &mut self.list {
            statement.verdict = Verdict::Info;
        }
    }
}
