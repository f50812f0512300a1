//! Names that somebody may have meant by one that is not known.

/// The known names that are most like `name`, the likeliest first; at most `most`, and none that is nothing like it.
#[must_use]
pub fn nearest<'a>(name: &str, known: impl IntoIterator<Item = &'a str>, most: usize) -> Vec<&'a str> {
    let score = |k: &'a str| (strsim::jaro_winkler(&name.to_lowercase(), &k.to_lowercase()), k);
    let mut alike: Vec<(f64, &str)> = known.into_iter().map(score).filter(|(s, _)| *s > 0.7).collect();
    alike.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(b.1)));
    alike.into_iter().take(most).map(|(_, k)| k).collect()
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn the_likeliest_comes_first_and_the_unlike_does_not_come() {
        let known = ["path-a", "path-b-500", "path-b-1000", "naive-slam"];
        assert_eq!(nearest("path-b500", known, 2), ["path-b-500", "path-b-1000"]);
        assert_eq!(nearest("Naive-Slam", known, 3)[0], "naive-slam");
        assert!(nearest("zzz", known, 3).is_empty());
    }
}
