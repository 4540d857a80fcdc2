//! What an object is listed by: a text in the index that it is sorted and
//! searched by, so that a search reads no objects that it does not find.
//!
//! Parts stand behind each other with a separator that no name has, the one
//! that sorts in front, all in lower case. A sort key has 1,024 bytes; what
//! does not fit is cut off behind and not searched.

use crate::key::LISTED_BYTES_MAX;

/// Stands between the parts (unit separator): sorts before all that is printed.
const SEPARATOR: char = '\u{1f}';

/// Longest search text that is compared, in characters.
pub const SEARCH_CHARS_MAX: usize = 200;

/// Puts parts together.
pub(crate) fn listed(parts: &[&str]) -> String {
    let mut text = String::new();
    for (index, part) in parts.iter().enumerate() {
        if index > 0 {
            text.push(SEPARATOR);
        }
        let folded = part.to_lowercase();
        text.extend(folded.chars().map(|character| match character {
            SEPARATOR => ' ',
            other => other,
        }));
    }
    let mut end = text.len().min(LISTED_BYTES_MAX);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text.truncate(end);
    text
}

/// A part; empty when it was cut off.
pub(crate) fn part(listed: &str, index: usize) -> &str {
    listed.split(SEPARATOR).nth(index).unwrap_or_default()
}

/// A text that people search for.
#[derive(Debug, Clone)]
pub(crate) struct Search(Option<String>);

impl Search {
    /// What is searched for; nothing or blanks find everything.
    pub(crate) fn of(text: Option<&str>) -> Self {
        let folded: String = text
            .unwrap_or_default()
            .trim()
            .to_lowercase()
            .chars()
            .take(SEARCH_CHARS_MAX)
            .collect();
        Self((!folded.is_empty()).then_some(folded))
    }

    /// Whether one of these parts has it.
    pub(crate) fn finds(&self, listed: &str, parts: &[usize]) -> bool {
        match &self.0 {
            None => true,
            Some(text) => parts
                .iter()
                .any(|index| part(listed, *index).contains(text)),
        }
    }

    /// Whether one of these texts, whatever their case, has it.
    pub(crate) fn finds_in(&self, texts: &[&str]) -> bool {
        match &self.0 {
            None => true,
            Some(text) => texts.iter().any(|one| one.to_lowercase().contains(text)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_found_one_by_one_and_sort_by_the_first() {
        let ada = listed(&["Ada", "Admin", "Ada Lovelace"]);
        assert!(ada < listed(&["Ada-2", "user", ""]));
        assert_eq!((part(&ada, 1), part(&ada, 7)), ("admin", ""));
        let search = Search::of(Some(" LOVE "));
        assert!(search.finds(&ada, &[0, 2]));
        assert!(!search.finds(&ada, &[0, 1]));
        assert!(Search::of(Some("  ")).finds(&ada, &[]));
        assert!(!Search::of(Some("a\u{1f}a")).finds(&ada, &[0, 1, 2]));
    }

    #[test]
    fn a_key_is_never_too_long_and_cut_between_characters() {
        let long = listed(&["ß", &"ä".repeat(LISTED_BYTES_MAX)]);
        assert!(long.len() <= LISTED_BYTES_MAX);
        assert!(long.starts_with('ß'));
    }
}
