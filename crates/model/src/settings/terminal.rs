//! How a terminal is to look, as the viewer is told.

use super::{FlatSettings, SettingError};

/// The look of a terminal. Values that are absent are the viewer's own choice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TerminalPresentation {
    /// Colours in the form of Guacamole's `color-scheme`.
    pub color_scheme: Option<String>,
    /// Name of the font.
    pub font_name: Option<String>,
    /// Size of the font, in points.
    pub font_size_pt: Option<u32>,
    /// How many lines the viewer keeps above the screen.
    pub scrollback_lines: u32,
    /// Code that the backspace key sends: 127 or 8.
    pub backspace_code: u8,
}

impl TerminalPresentation {
    /// Reads the look from effective settings.
    ///
    /// # Errors
    /// When a setting is of a wrong type.
    pub fn read(settings: &FlatSettings) -> Result<Self, SettingError> {
        Ok(Self {
            color_scheme: settings.text("color-scheme")?.map(str::to_owned),
            font_name: settings.text("font-name")?.map(str::to_owned),
            font_size_pt: settings.integer("font-size")?,
            scrollback_lines: settings.integer("scrollback")?.unwrap_or(0),
            backspace_code: settings.integer("backspace")?.unwrap_or(127),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_look_is_the_viewers_own_unless_set() {
        let expected = TerminalPresentation {
            color_scheme: None,
            font_name: None,
            font_size_pt: None,
            scrollback_lines: 5000,
            backspace_code: 127,
        };
        assert_eq!(
            TerminalPresentation::read(&FlatSettings::default()),
            Ok(expected)
        );
    }

    #[test]
    fn what_is_set_is_read() {
        let settings = [
            ("color-scheme", "green-black"),
            ("font-name", "Fira Code"),
            ("font-size", "14"),
            ("scrollback", "0"),
            ("backspace", "8"),
        ];
        let settings = settings.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let look = TerminalPresentation::read(&settings.into_iter().collect()).unwrap();
        assert_eq!(look.color_scheme.as_deref(), Some("green-black"));
        assert_eq!(look.font_name.as_deref(), Some("Fira Code"));
        assert_eq!(look.font_size_pt, Some(14));
        assert_eq!((look.scrollback_lines, look.backspace_code), (0, 8));
    }
}
