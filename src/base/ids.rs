//! Ids of runs: short enough to type, ordered by time.

use std::time::{SystemTime, UNIX_EPOCH};

const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

/// Makes a run id of ten characters: seven for the second, three at random, so ids sort by start.
pub fn run_id() -> String {
    let seconds = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    let salted = (seconds << 15) | u64::from(rand::random::<u16>() & 0x7fff);
    (0..10).rev().map(|place| char::from(ALPHABET[(salted >> (place * 5)) as usize & 31])).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_have_ten_characters_and_differ() {
        assert_eq!(run_id().len(), 10);
        assert_ne!((run_id(), run_id()), (run_id(), run_id()));
    }
}
