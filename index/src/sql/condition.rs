//! A condition of the user's, before it stands in a query of ours.

use crate::Error;
use datafusion::sql::sqlparser::{dialect::GenericDialect, parser::Parser, tokenizer::Token};

/// `text` in brackets. What is more than a condition is refused: `a) or (b` would leave them, and what stands beside them
/// would no longer hold for all rows.
pub(crate) fn condition(text: &str) -> Result<String, Error> {
    let alone = Parser::new(&GenericDialect {}).try_with_sql(text).and_then(|mut parser| {
        parser.parse_expr()?;
        parser.expect_token(&Token::EOF)?;
        Ok(())
    });
    alone.map_err(|error| Error::Query {
        message: format!("`{}` is no condition: {error}", text.trim()),
        hint: Some("a condition as behind SQL's `where`: `similarity > 0.3 and width >= 512`".into()),
    })?;
    // On lines of its own, so that a comment at its end does not swallow the bracket.
    Ok(format!("(\n{text}\n)"))
}
