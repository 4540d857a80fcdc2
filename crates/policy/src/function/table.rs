//! Every signature, with what it does in words.

use super::Function as F;
use crate::types::Type as T;

/// One way to call a function.
#[derive(Debug)]
pub(crate) struct Signature {
    pub(crate) function: F,
    pub(crate) name: &'static str,
    /// Type of what stands before the dot; none for a plain function.
    pub(crate) receiver: Option<T>,
    pub(crate) arguments: &'static [T],
    pub(crate) result: T,
    /// What it gives, in words.
    pub(crate) help: &'static str,
    /// An expression that uses it.
    pub(crate) example: &'static str,
}

impl Signature {
    /// As it stands in the documentation: `string.split(string) -> list of
    /// string`.
    pub(crate) fn in_words(&self) -> String {
        let arguments: Vec<String> = self.arguments.iter().map(ToString::to_string).collect();
        let before = self
            .receiver
            .map_or(String::new(), |receiver| format!("{receiver}."));
        let arguments = arguments.join(", ");
        format!("{before}{}({arguments}) -> {}", self.name, self.result)
    }
}

const fn plain(
    function: F,
    name: &'static str,
    arguments: &'static [T],
    result: T,
    help: &'static str,
    example: &'static str,
) -> Signature {
    Signature {
        function,
        name,
        receiver: None,
        arguments,
        result,
        help,
        example,
    }
}

const fn method(
    function: F,
    receiver: T,
    name: &'static str,
    arguments: &'static [T],
    result: T,
    help: &'static str,
    example: &'static str,
) -> Signature {
    Signature {
        function,
        name,
        receiver: Some(receiver),
        arguments,
        result,
        help,
        example,
    }
}

const LIST: T = T::List(&T::Dyn);
const MAP: T = T::Map(&T::Dyn);
const TEXTS: T = T::List(&T::Text);

/// All signatures, in the order of the documentation.
#[rustfmt::skip]
pub(crate) const FUNCTIONS: &[Signature] = &[
    // Who, where from, when.
    plain(F::InGroup, "in_group", &[T::Text], T::Bool, "whether the user is in the group of that name", r#"in_group("staff")"#),
    plain(F::HasMethod, "has_method", &[T::Text], T::Bool, "whether the user signed in with that method", r#"has_method("totp")"#),
    plain(F::InNetwork, "in_network", &[T::Text, T::Text], T::Bool, "whether an address lies in a network; a v4 address written as v6 counts as v4", r#"in_network(address, "10.0.0.0/8")"#),
    plain(F::InNetwork, "in_network", &[T::Text, TEXTS], T::Bool, "whether an address lies in one of several networks", r#"in_network(address, ["10.0.0.0/8", "fd00::/8"])"#),
    plain(F::InTimeWindow, "in_time_window", &[T::Timestamp, T::Text, T::Text, T::Text], T::Bool, "whether the hour in a time zone is from the first on and before the second; may go over midnight", r#"in_time_window(time, "08:00", "18:00", "Europe/Berlin")"#),
    plain(F::Weekday, "weekday", &[T::Timestamp, T::Text], T::Text, "the day of the week in a time zone: `monday` to `sunday`", r#"weekday(time, "Europe/Berlin") in ["saturday", "sunday"]"#),
    // Secrets.
    plain(F::Secret, "secret", &[T::Text], T::Secret, "a reference, a text written out, to a secret that is kept elsewhere: the value of a setting, followed for the claiming node", r#"{"password": secret("env:CAUSEWAY_SECRET_WEB")}"#),
    // Texts.
    method(F::StartsWith, T::Text, "startsWith", &[T::Text], T::Bool, "whether the text begins so", r#"user.username.startsWith("adm-")"#),
    method(F::EndsWith, T::Text, "endsWith", &[T::Text], T::Bool, "whether the text ends so", r#"user.email.endsWith("@example.org")"#),
    method(F::Contains, T::Text, "contains", &[T::Text], T::Bool, "whether the text holds the other", r#"user.name.contains("Ada")"#),
    method(F::Matches, T::Text, "matches", &[T::Text], T::Bool, "whether the regular expression, a text written out, is found in the text", r#"user.username.matches("^[a-z]+[0-9]{2}$")"#),
    plain(F::Matches, "matches", &[T::Text, T::Text], T::Bool, "the same", r#"matches(user.username, "^adm-")"#),
    method(F::LowerAscii, T::Text, "lowerAscii", &[], T::Text, "A to Z in lower case", r#"user.username.lowerAscii()"#),
    method(F::UpperAscii, T::Text, "upperAscii", &[], T::Text, "a to z in upper case", r#"user.username.upperAscii()"#),
    method(F::Trim, T::Text, "trim", &[], T::Text, "without the blanks around it", r#"user.name.trim()"#),
    method(F::Split, T::Text, "split", &[T::Text], TEXTS, "the parts between a separator", r#"user.email.split("@")[0]"#),
    method(F::Split, T::Text, "split", &[T::Text, T::Int], TEXTS, "the same, at most that many parts; -1 for all", r#"endpoint.host.split(":", 2)"#),
    method(F::Join, TEXTS, "join", &[], T::Text, "all texts in one", r#"user.groups.join()"#),
    method(F::Join, TEXTS, "join", &[T::Text], T::Text, "the same with something between them", r#"user.groups.join(", ")"#),
    method(F::Replace, T::Text, "replace", &[T::Text, T::Text], T::Text, "with every occurrence of the first text replaced by the second", r#"user.username.replace(".", "-")"#),
    method(F::Replace, T::Text, "replace", &[T::Text, T::Text, T::Int], T::Text, "the same, at most that many times; -1 for all", r#"user.username.replace(".", "-", 1)"#),
    method(F::Substring, T::Text, "substring", &[T::Int], T::Text, "from that character on, counted from 0", r#"user.username.substring(4)"#),
    method(F::Substring, T::Text, "substring", &[T::Int, T::Int], T::Text, "from one character to before another", r#"user.username.substring(0, 1)"#),
    method(F::IndexOf, T::Text, "indexOf", &[T::Text], T::Int, "the character at which the other text begins; -1 for nowhere", r#"user.email.indexOf("@")"#),
    // Sizes.
    plain(F::Size, "size", &[T::Text], T::Int, "number of characters", r#"size(user.username)"#),
    plain(F::Size, "size", &[T::Bytes], T::Int, "number of bytes", r#"size(b"abc")"#),
    plain(F::Size, "size", &[LIST], T::Int, "number of elements", r#"size(user.groups)"#),
    plain(F::Size, "size", &[MAP], T::Int, "number of entries", r#"size(user.attributes)"#),
    method(F::Size, T::Text, "size", &[], T::Int, "number of characters", r#"user.username.size()"#),
    method(F::Size, T::Bytes, "size", &[], T::Int, "number of bytes", r#"b"abc".size()"#),
    method(F::Size, LIST, "size", &[], T::Int, "number of elements", r#"user.groups.size()"#),
    method(F::Size, MAP, "size", &[], T::Int, "number of entries", r#"user.attributes.size()"#),
    // From one type to another.
    plain(F::ToInt, "int", &[T::Dyn], T::Int, "a number, a text that holds one, or a time in seconds since 1970, as a whole number", r#"int(user.attributes.uid)"#),
    plain(F::ToUint, "uint", &[T::Dyn], T::Uint, "a number, or a text that holds one, as a whole number without sign", r#"uint(5)"#),
    plain(F::ToDouble, "double", &[T::Dyn], T::Double, "a number, or a text that holds one, as a floating-point number", r#"double("1.5")"#),
    plain(F::ToText, "string", &[T::Dyn], T::Text, "a number, a boolean, a time, a duration or UTF-8 bytes as a text", r#"string(session.age_s)"#),
    plain(F::ToBytes, "bytes", &[T::Dyn], T::Bytes, "a text as UTF-8", r#"size(bytes(user.name))"#),
    plain(F::ToBool, "bool", &[T::Dyn], T::Bool, "the text `true` or `false` as a boolean", r#"bool(user.attributes.contractor)"#),
    plain(F::ToTimestamp, "timestamp", &[T::Dyn], T::Timestamp, "a text (RFC 3339), or seconds since 1970, as a time", r#"time < timestamp("2027-01-01T00:00:00Z")"#),
    plain(F::ToDuration, "duration", &[T::Dyn], T::Duration, "a text like `1h30m`, `45s` or `250ms` as a duration", r#"time - session.created_at < duration("8h")"#),
    plain(F::TypeOf, "type", &[T::Dyn], T::Meta, "the type of a value", r#"type(user.attributes.team) == string"#),
    plain(F::Dyn, "dyn", &[T::Dyn], T::Dyn, "the value itself, its type not looked at before it runs", r#"dyn(user.username)"#),
    // Parts of times; without a time zone UTC.
    method(F::FullYear, T::Timestamp, "getFullYear", &[], T::Int, "the year", r#"time.getFullYear()"#),
    method(F::FullYear, T::Timestamp, "getFullYear", &[T::Text], T::Int, "the year in a time zone", r#"time.getFullYear("Europe/Berlin")"#),
    method(F::Month, T::Timestamp, "getMonth", &[], T::Int, "the month, from 0", r#"time.getMonth()"#),
    method(F::Month, T::Timestamp, "getMonth", &[T::Text], T::Int, "the same in a time zone", r#"time.getMonth("Europe/Berlin")"#),
    method(F::Date, T::Timestamp, "getDate", &[], T::Int, "the day of the month, from 1", r#"time.getDate()"#),
    method(F::Date, T::Timestamp, "getDate", &[T::Text], T::Int, "the same in a time zone", r#"time.getDate("Europe/Berlin")"#),
    method(F::DayOfMonth, T::Timestamp, "getDayOfMonth", &[], T::Int, "the day of the month, from 0", r#"time.getDayOfMonth()"#),
    method(F::DayOfMonth, T::Timestamp, "getDayOfMonth", &[T::Text], T::Int, "the same in a time zone", r#"time.getDayOfMonth("Europe/Berlin")"#),
    method(F::DayOfWeek, T::Timestamp, "getDayOfWeek", &[], T::Int, "the day of the week, 0 for Sunday", r#"time.getDayOfWeek()"#),
    method(F::DayOfWeek, T::Timestamp, "getDayOfWeek", &[T::Text], T::Int, "the same in a time zone", r#"time.getDayOfWeek("Europe/Berlin")"#),
    method(F::DayOfYear, T::Timestamp, "getDayOfYear", &[], T::Int, "the day of the year, from 0", r#"time.getDayOfYear()"#),
    method(F::DayOfYear, T::Timestamp, "getDayOfYear", &[T::Text], T::Int, "the same in a time zone", r#"time.getDayOfYear("Europe/Berlin")"#),
    method(F::Hours, T::Timestamp, "getHours", &[], T::Int, "the hour, 0 to 23", r#"time.getHours()"#),
    method(F::Hours, T::Timestamp, "getHours", &[T::Text], T::Int, "the same in a time zone", r#"time.getHours("Europe/Berlin") < 18"#),
    method(F::Hours, T::Duration, "getHours", &[], T::Int, "how many whole hours it lasts", r#"(time - session.created_at).getHours()"#),
    method(F::Minutes, T::Timestamp, "getMinutes", &[], T::Int, "the minute, 0 to 59", r#"time.getMinutes()"#),
    method(F::Minutes, T::Timestamp, "getMinutes", &[T::Text], T::Int, "the same in a time zone", r#"time.getMinutes("Asia/Kolkata")"#),
    method(F::Minutes, T::Duration, "getMinutes", &[], T::Int, "how many whole minutes it lasts", r#"(time - session.created_at).getMinutes()"#),
    method(F::Seconds, T::Timestamp, "getSeconds", &[], T::Int, "the second, 0 to 59", r#"time.getSeconds()"#),
    method(F::Seconds, T::Timestamp, "getSeconds", &[T::Text], T::Int, "the same in a time zone", r#"time.getSeconds("UTC")"#),
    method(F::Seconds, T::Duration, "getSeconds", &[], T::Int, "how many whole seconds it lasts", r#"(time - session.created_at).getSeconds()"#),
    method(F::Milliseconds, T::Timestamp, "getMilliseconds", &[], T::Int, "the millisecond, 0 to 999", r#"time.getMilliseconds()"#),
    method(F::Milliseconds, T::Timestamp, "getMilliseconds", &[T::Text], T::Int, "the same in a time zone", r#"time.getMilliseconds("UTC")"#),
    method(F::Milliseconds, T::Duration, "getMilliseconds", &[], T::Int, "the milliseconds of its last second", r#"duration("1s250ms").getMilliseconds()"#),
];
