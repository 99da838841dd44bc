//! From what speaks for each language to how sure we are: a softmax on integers.

/// The likeliest place and its share of all belief, in percent. `sums` are in 32nds of a nat.
pub(crate) fn strongest(sums: &[u32]) -> (usize, u8) {
    let best = sums.iter().copied().max().unwrap_or(0);
    let place = sums.iter().position(|&sum| sum == best).unwrap_or(0);
    let all: u64 = sums.iter().map(|&sum| power((best - sum) as usize)).sum();
    let percent = power(0) * 100 / all.max(1);
    (place, u8::try_from(percent).unwrap_or(100))
}

/// e to the power of minus so many 32nds, in 2^-24ths.
fn power(less: usize) -> u64 {
    POWERS.get(less).copied().unwrap_or(0)
}

/// Until it has fallen below one part in a million.
const POWERS: [u64; 448] = powers();

const fn powers() -> [u64; 448] {
    /// e^(-1/32) in 2^-32nds.
    const STEP: u64 = 4_162_825_044;
    let mut powers = [0; 448];
    let mut power = 1_u64 << 32;
    let mut at = 0;
    while at < powers.len() {
        powers[at] = power >> 8;
        power = (power * STEP) >> 32;
        at += 1;
    }
    powers
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn powers_are_those_of_e() {
        for (less, power) in POWERS.into_iter().enumerate() {
            let exact = (-(less as f64) / 32.0).exp() * f64::from(1 << 24);
            assert!((power as f64 - exact).abs() <= 2.0 + exact * 1e-6, "{less}: {power} {exact}");
        }
    }

    #[test]
    fn shares_of_belief() {
        assert_eq!(strongest(&[10, 150, 10]), (1, 97));
        assert_eq!(strongest(&[100, 100]), (0, 50));
        assert_eq!(strongest(&[0, 10_000_000]), (1, 100));
        assert_eq!(strongest(&[7]), (0, 100));
        assert_eq!(strongest(&[]), (0, 100));
        // a nat more is e times as likely
        assert_eq!(strongest(&[0, 32]), (1, 73));
    }
}
