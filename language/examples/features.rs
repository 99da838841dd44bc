//! For the model's trainer: reads texts, one a line, and writes for each its table (a byte; 255
//! for none), the number of its features (two bytes) and their hashes (four bytes each).
use std::io::{BufRead, BufWriter, Write};

fn main() -> std::io::Result<()> {
    let mut out = BufWriter::new(std::io::stdout().lock());
    for line in std::io::stdin().lock().lines() {
        let (table, hashes) = language::training::features(&line?).unwrap_or((255, Vec::new()));
        out.write_all(&[u8::try_from(table).unwrap_or(255)])?;
        out.write_all(&u16::try_from(hashes.len()).unwrap_or(0).to_le_bytes())?;
        for hash in hashes {
            out.write_all(&hash.to_le_bytes())?;
        }
    }
    out.flush()
}
