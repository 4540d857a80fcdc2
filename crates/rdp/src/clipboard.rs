//! The clipboard (MS-RDPECLIP), text only: what each side has, what it is
//! asked for, and line endings on the way. What the policy forbids does not
//! pass here either.

use causeway_model::settings::NormalizeClipboard;
use causeway_wire::message::DataPolicy;
use ironrdp_cliprdr::CliprdrClient;
use ironrdp_cliprdr::backend::CliprdrBackend;
use ironrdp_cliprdr::pdu::{
    ClipboardFormat, ClipboardFormatId, ClipboardGeneralCapabilityFlags, FileContentsRequest,
    FileContentsResponse, FormatDataRequest, FormatDataResponse, LockDataId,
    OwnedFormatDataResponse,
};
use ironrdp_core::impl_as_any;
use ironrdp_pdu::PduResult;
use ironrdp_svc::SvcProcessorMessages;

use crate::channels::{Teller, Told, tell};

/// Messages for the channel.
pub(crate) type Messages = PduResult<SvcProcessorMessages<CliprdrClient>>;

/// What became of the target's text.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Given {
    /// It is for the viewer.
    Text(String),
    /// It is longer than is allowed.
    TooLong,
    /// There is none, or it is what the viewer sent.
    Nothing,
}

/// How a line ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum LineEnd {
    /// With a line feed.
    Unix,
    /// With a carriage return and a line feed.
    Windows,
}

/// Both clipboards, as far as the two sides know of each other's.
#[derive(Debug)]
pub(crate) struct Clipboard {
    copy_allowed: bool,
    paste_allowed: bool,
    bytes_max: usize,
    endings: NormalizeClipboard,
    target_ends_lines: LineEnd,
    /// The viewer's text.
    ours: Option<String>,
    /// The target has been told of the viewer's text.
    ours_is_listed: bool,
    /// The target has been asked for its text.
    is_asking: bool,
    /// The target has changed its text since.
    is_stale: bool,
}

impl Clipboard {
    pub(crate) fn new(policy: &DataPolicy, endings: NormalizeClipboard) -> Self {
        Self {
            copy_allowed: policy.copy_allowed,
            paste_allowed: policy.paste_allowed && !policy.read_only,
            bytes_max: usize::try_from(policy.clipboard_bytes_max).unwrap_or(usize::MAX),
            endings,
            target_ends_lines: LineEnd::Windows,
            ours: None,
            ours_is_listed: true,
            is_asking: false,
            is_stale: false,
        }
    }

    /// A new connection knows nothing of before.
    ///
    /// Whether the target's lines end as in Windows cannot be asked. Windows
    /// signs in by NLA, and so do GNOME and KDE, which convert; xrdp does
    /// neither, and a carriage return would be a second Enter in a terminal.
    pub(crate) fn meet(&mut self, has_nla: bool) {
        self.target_ends_lines = match self.endings {
            NormalizeClipboard::Preserve if has_nla => LineEnd::Windows,
            NormalizeClipboard::Preserve | NormalizeClipboard::Unix => LineEnd::Unix,
            NormalizeClipboard::Windows => LineEnd::Windows,
        };
        self.ours_is_listed = self.ours.is_none();
        self.is_asking = false;
        self.is_stale = false;
    }

    /// The channel wants its first list.
    pub(crate) fn start(&mut self, channel: &mut CliprdrClient) -> Messages {
        self.ours_is_listed = true;
        channel.initiate_copy(&self.formats())
    }

    /// The channel can be used now.
    pub(crate) fn ready(&mut self, channel: &mut CliprdrClient) -> Messages {
        if self.ours_is_listed {
            return Ok(Vec::new().into());
        }
        self.ours_is_listed = true;
        channel.initiate_copy(&self.formats())
    }

    /// The viewer has put text on its clipboard.
    pub(crate) fn put(&mut self, text: String, channel: Option<&mut CliprdrClient>) -> Messages {
        if !self.paste_allowed || text.len() > self.bytes_max {
            return Ok(Vec::new().into());
        }
        self.ours = Some(text);
        self.ours_is_listed = false;
        match channel {
            Some(channel) if channel.is_ready() => self.ready(channel),
            _ => Ok(Vec::new().into()),
        }
    }

    /// The target has something: its text is fetched at once, because a
    /// browser cannot say later that it wants it.
    pub(crate) fn offered(&mut self, text: bool, channel: &mut CliprdrClient) -> Messages {
        if !text || !self.copy_allowed {
            return Ok(Vec::new().into());
        }
        if self.is_asking {
            self.is_stale = true;
            return Ok(Vec::new().into());
        }
        self.is_asking = true;
        channel.initiate_paste(ClipboardFormatId::CF_UNICODETEXT)
    }

    /// The target wants the viewer's text.
    pub(crate) fn asked(&self, text: bool, channel: &CliprdrClient) -> Messages {
        let answer = match &self.ours {
            Some(ours) if text && self.paste_allowed => {
                OwnedFormatDataResponse::new_data(to_target(ours, self.target_ends_lines))
            }
            _ => OwnedFormatDataResponse::new_error(),
        };
        channel.submit_format_data(answer)
    }

    /// The target has given what it has; it may have changed since.
    pub(crate) fn given(
        &mut self,
        data: Option<Vec<u8>>,
        channel: &mut CliprdrClient,
    ) -> (Given, Messages) {
        self.is_asking = false;
        if std::mem::take(&mut self.is_stale) {
            return (Given::Nothing, self.offered(true, channel));
        }
        (self.take(data), Ok(Vec::new().into()))
    }

    fn take(&self, data: Option<Vec<u8>>) -> Given {
        let Some(data) = data.filter(|_| self.copy_allowed) else {
            return Given::Nothing;
        };
        let text = from_target(&data, self.endings);
        if text.len() > self.bytes_max {
            return Given::TooLong;
        }
        let is_echo = self
            .ours
            .as_deref()
            .is_some_and(|ours| ours.replace("\r\n", "\n") == text.replace("\r\n", "\n"));
        if text.is_empty() || is_echo {
            return Given::Nothing;
        }
        Given::Text(text)
    }

    fn formats(&self) -> Vec<ClipboardFormat> {
        let ours = self.ours.as_ref().filter(|_| self.paste_allowed);
        ours.map(|_| ClipboardFormat::new(ClipboardFormatId::CF_UNICODETEXT))
            .into_iter()
            .collect()
    }
}

/// Text as the target wants it: UTF-16, lines that end as there, a zero at the
/// end (MS-RDPECLIP 2.2.5.2).
fn to_target(text: &str, end: LineEnd) -> Vec<u8> {
    let unix = text.replace("\r\n", "\n");
    let text = match end {
        LineEnd::Unix => unix,
        LineEnd::Windows => unix.replace('\n', "\r\n"),
    };
    let units = text.encode_utf16().chain([0]);
    units.flat_map(u16::to_le_bytes).collect()
}

/// The target's text as a browser wants it. What is no Unicode is replaced.
fn from_target(data: &[u8], endings: NormalizeClipboard) -> String {
    let units = data
        .chunks_exact(2)
        .map(|pair| u16::from_le_bytes([pair[0], pair[1]]))
        .take_while(|unit| *unit != 0);
    let text: String = char::decode_utf16(units)
        .map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER))
        .collect();
    let unix = text.replace("\r\n", "\n");
    match endings {
        NormalizeClipboard::Windows => unix.replace('\n', "\r\n"),
        NormalizeClipboard::Preserve | NormalizeClipboard::Unix => unix,
    }
}

/// The channel's side of it: passes on, decides nothing.
#[derive(Debug)]
pub(crate) struct Backend {
    told: Teller,
}

impl Backend {
    pub(crate) const fn new(told: Teller) -> Self {
        Self { told }
    }
}

impl_as_any!(Backend);

impl CliprdrBackend for Backend {
    fn temporary_directory(&self) -> &str {
        ""
    }

    fn client_capabilities(&self) -> ClipboardGeneralCapabilityFlags {
        ClipboardGeneralCapabilityFlags::empty()
    }

    fn on_ready(&mut self) {
        tell(&self.told, Told::ClipboardReady);
    }

    fn on_request_format_list(&mut self) {
        tell(&self.told, Told::ClipboardStarts);
    }

    fn on_process_negotiated_capabilities(&mut self, _: ClipboardGeneralCapabilityFlags) {}

    fn on_remote_copy(&mut self, available_formats: &[ClipboardFormat]) {
        let text = available_formats
            .iter()
            .any(|format| format.id() == ClipboardFormatId::CF_UNICODETEXT);
        tell(&self.told, Told::ClipboardOffered { text });
    }

    fn on_format_data_request(&mut self, request: FormatDataRequest) {
        let text = request.format == ClipboardFormatId::CF_UNICODETEXT;
        tell(&self.told, Told::ClipboardAsked { text });
    }

    fn on_format_data_response(&mut self, response: FormatDataResponse<'_>) {
        let data = (!response.is_error()).then(|| response.data().to_vec());
        tell(&self.told, Told::ClipboardGiven(data));
    }

    fn on_file_contents_request(&mut self, _: FileContentsRequest) {}

    fn on_file_contents_response(&mut self, _: FileContentsResponse<'_>) {}

    fn on_lock(&mut self, _: LockDataId) {}

    fn on_unlock(&mut self, _: LockDataId) {}
}

#[cfg(test)]
mod tests {
    use super::*;

    fn clipboard(copy_allowed: bool, paste_allowed: bool) -> Clipboard {
        let policy = DataPolicy {
            copy_allowed,
            paste_allowed,
            read_only: false,
            audio_allowed: false,
            clipboard_bytes_max: 16,
        };
        Clipboard::new(&policy, NormalizeClipboard::Preserve)
    }

    fn utf16(text: &str) -> Vec<u8> {
        text.encode_utf16().flat_map(u16::to_le_bytes).collect()
    }

    #[test]
    fn lines_end_as_each_side_wants_them() {
        let there = to_target("a\nb\r\nc", LineEnd::Windows);
        assert_eq!(there, utf16("a\r\nb\r\nc\0"));
        let there = to_target("a\r\nb", LineEnd::Unix);
        assert_eq!(there, utf16("a\nb\0"));
        let back = from_target(&utf16("日本 ✓ 🦀\r\nä\0rest"), NormalizeClipboard::Preserve);
        assert_eq!(back, "日本 ✓ 🦀\nä");
        let back = from_target(&utf16("a\r\nb"), NormalizeClipboard::Windows);
        assert_eq!(back, "a\r\nb");
    }

    #[test]
    fn what_is_no_unicode_is_replaced() {
        let broken = [0x00, 0xd8, 0x41, 0x00, 0x42];
        assert_eq!(
            from_target(&broken, NormalizeClipboard::Preserve),
            "\u{fffd}A"
        );
    }

    #[test]
    fn the_limit_is_in_bytes_of_the_viewers_text() {
        let clipboard = clipboard(true, true);
        let fits = "x".repeat(16);
        assert_eq!(clipboard.take(Some(utf16(&fits))), Given::Text(fits));
        assert_eq!(clipboard.take(Some(utf16(&"x".repeat(17)))), Given::TooLong);
        assert_eq!(clipboard.take(Some(utf16("日本日本日本"))), Given::TooLong);
        assert_eq!(clipboard.take(None), Given::Nothing);
    }

    #[test]
    fn a_forbidden_direction_never_passes() {
        let mut closed = clipboard(false, false);
        assert_eq!(closed.take(Some(utf16("secret"))), Given::Nothing);
        assert!(closed.put("text".to_owned(), None).is_ok());
        assert!(closed.ours.is_none() && closed.formats().is_empty());
        let mut open = clipboard(false, true);
        assert!(open.put("text".to_owned(), None).is_ok());
        assert_eq!(open.formats().len(), 1);
        assert_eq!(open.take(Some(utf16("secret"))), Given::Nothing);
    }

    #[test]
    fn what_the_viewer_sent_does_not_come_back() {
        let mut clipboard = clipboard(true, true);
        assert!(clipboard.put("a\nb".to_owned(), None).is_ok());
        assert_eq!(clipboard.take(Some(utf16("a\r\nb\0"))), Given::Nothing);
        assert_eq!(
            clipboard.take(Some(utf16("c"))),
            Given::Text("c".to_owned())
        );
    }
}
