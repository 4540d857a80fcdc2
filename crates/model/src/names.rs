//! What people may call things: display names, slugs, usernames.
//!
//! Checks only; which names must be unique is the table's business.

/// Longest name, in characters.
pub const NAME_CHARS_MAX: usize = 128;
/// Longest slug, in characters.
pub const SLUG_CHARS_MAX: usize = 64;
/// Longest username, in characters.
pub const USERNAME_CHARS_MAX: usize = 128;
/// Longest name of a label, in characters.
pub const LABEL_CHARS_MAX: usize = 64;

/// Why a name cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NameError {
    /// Nothing, or nothing but space.
    #[error("must not be empty")]
    Empty,
    /// Too long.
    #[error("has more than {max} characters")]
    TooLong {
        /// How many are allowed.
        max: usize,
    },
    /// Space at the beginning or the end.
    #[error("must not begin or end with a space")]
    OuterSpace,
    /// A control character or one that changes the direction of text, which
    /// would let one name look like another.
    #[error("must not contain the invisible character U+{:04X}", u32::from(*.0))]
    Invisible(char),
    /// A character that a slug has not.
    #[error("must not contain {0:?}: expected lower-case letters, digits and hyphens")]
    NotForSlug(char),
    /// A slug with a hyphen at either end.
    #[error("must not begin or end with a hyphen")]
    OuterHyphen,
    /// A character that a username has not.
    #[error("must not contain {0:?}: expected letters, digits and the characters . _ - + @")]
    NotForUsername(char),
    /// A character that the name of a label has not.
    #[error("must not contain {0:?}: expected letters, digits and the characters . _ - /")]
    NotForLabel(char),
}

/// Checks the name of an object as people see it.
///
/// # Errors
/// When it is empty, longer than [`NAME_CHARS_MAX`], has space at its ends or
/// invisible characters.
pub fn check_name(name: &str) -> Result<(), NameError> {
    check_length(name, NAME_CHARS_MAX)?;
    if name.trim() != name {
        return Err(NameError::OuterSpace);
    }
    name.chars()
        .find(|c| is_invisible(*c))
        .map_or(Ok(()), |c| Err(NameError::Invisible(c)))
}

/// Checks a name for URLs: lower-case letters, digits and hyphens.
///
/// # Errors
/// When it is empty, longer than [`SLUG_CHARS_MAX`], or has something else.
pub fn check_slug(slug: &str) -> Result<(), NameError> {
    check_length(slug, SLUG_CHARS_MAX)?;
    let stray = slug
        .chars()
        .find(|c| !matches!(c, 'a'..='z' | '0'..='9' | '-'));
    if let Some(stray) = stray {
        return Err(NameError::NotForSlug(stray));
    }
    if slug.starts_with('-') || slug.ends_with('-') {
        return Err(NameError::OuterHyphen);
    }
    Ok(())
}

/// Checks a name for signing in.
///
/// # Errors
/// When it is empty, longer than [`USERNAME_CHARS_MAX`], or has other
/// characters than letters and digits of any script and `. _ - + @`.
pub fn check_username(username: &str) -> Result<(), NameError> {
    check_length(username, USERNAME_CHARS_MAX)?;
    username
        .chars()
        .find(|c| !c.is_alphanumeric() && !matches!(c, '.' | '_' | '-' | '+' | '@'))
        .map_or(Ok(()), |c| Err(NameError::NotForUsername(c)))
}

/// The form under which usernames are compared: case does not matter.
#[must_use]
pub fn fold_username(username: &str) -> String {
    username.to_lowercase()
}

/// Checks the name of a label.
///
/// # Errors
/// When it is empty, longer than [`LABEL_CHARS_MAX`], or has other characters
/// than ASCII letters, digits and `. _ - /`.
pub fn check_label(label: &str) -> Result<(), NameError> {
    check_length(label, LABEL_CHARS_MAX)?;
    label
        .chars()
        .find(|c| !c.is_ascii_alphanumeric() && !matches!(c, '.' | '_' | '-' | '/'))
        .map_or(Ok(()), |c| Err(NameError::NotForLabel(c)))
}

fn check_length(text: &str, max: usize) -> Result<(), NameError> {
    if text.trim().is_empty() {
        return Err(NameError::Empty);
    }
    // Bytes first: counting the characters of a megabyte is work for nothing.
    if text.len() > max * 4 || text.chars().count() > max {
        return Err(NameError::TooLong { max });
    }
    Ok(())
}

/// Control characters, line separators, and what steers the direction of text.
/// The zero-width joiner is allowed: emoji are built with it.
fn is_invisible(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{200B}' | '\u{200E}' | '\u{200F}' | '\u{2028}' | '\u{2029}'
            | '\u{202A}'..='\u{202E}' | '\u{2060}' | '\u{2066}'..='\u{2069}' | '\u{FEFF}')
}

#[cfg(test)]
mod tests {
    use super::*;

    type Check = fn(&str) -> Result<(), NameError>;

    fn check(rule: Check, name: &str, expected: Result<(), NameError>) {
        assert_eq!(rule(name), expected, "{name:?}");
    }

    #[test]
    fn names_are_what_people_write() {
        check(check_name, "Build server (Linux) №3 👩‍💻", Ok(()));
        check(check_name, &"ä".repeat(128), Ok(()));
        check(
            check_name,
            &"ä".repeat(129),
            Err(NameError::TooLong { max: 128 }),
        );
        check(check_name, "", Err(NameError::Empty));
        check(check_name, " ", Err(NameError::Empty));
        check(check_name, " a", Err(NameError::OuterSpace));
        check(check_name, "a\nb", Err(NameError::Invisible('\n')));
        check(
            check_name,
            "a\u{202E}b",
            Err(NameError::Invisible('\u{202E}')),
        );
    }

    #[test]
    fn slugs_stand_in_urls() {
        check(check_slug, "linux-servers-2", Ok(()));
        check(check_slug, "", Err(NameError::Empty));
        check(check_slug, "Linux", Err(NameError::NotForSlug('L')));
        check(check_slug, "a/b", Err(NameError::NotForSlug('/')));
        check(check_slug, "-a", Err(NameError::OuterHyphen));
        check(
            check_slug,
            &"a".repeat(65),
            Err(NameError::TooLong { max: 64 }),
        );
    }

    #[test]
    fn usernames_have_no_space() {
        check(check_username, "ada.lovelace+x@example.org", Ok(()));
        check(check_username, "Jörg", Ok(()));
        check(check_username, "a b", Err(NameError::NotForUsername(' ')));
        check(check_username, "a#b", Err(NameError::NotForUsername('#')));
        check(check_username, "", Err(NameError::Empty));
        assert_eq!(fold_username("JÖRG"), "jörg");
    }

    #[test]
    fn labels_are_plain() {
        check(check_label, "topology.example/zone-1", Ok(()));
        check(check_label, "a=b", Err(NameError::NotForLabel('=')));
    }

    #[test]
    fn errors_read_as_sentences_about_a_field() {
        let error = check_name("a\u{7}").unwrap_err();
        assert_eq!(
            error.to_string(),
            "must not contain the invisible character U+0007"
        );
    }
}
