//! "Did you mean …?": the nearest known word to a misspelt one.

/// Returns the candidate nearest to `word`, or `None` where nothing is near enough to be a likely slip.
pub fn did_you_mean<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    candidates
        .into_iter()
        .map(|candidate| (strsim::jaro_winkler(word, candidate), candidate))
        .filter(|(score, _)| *score > 0.8)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, candidate)| candidate)
}

/// Returns `"; did you mean 'x'?"` or nothing, ready to end a sentence about an unknown word.
pub fn hint<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> String {
    did_you_mean(word, candidates).map(|near| format!("; did you mean '{near}'?")).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_finds_the_word_and_a_stranger_finds_nothing() {
        assert_eq!(did_you_mean("stauts", ["name", "status", "id"]), Some("status"));
        assert_eq!(did_you_mean("timout", ["timeout", "every"]), Some("timeout"));
        assert_eq!(did_you_mean("zebra", ["name", "status"]), None);
    }
}
