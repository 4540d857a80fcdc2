//! Times: parts of them in a time zone, windows, and how they are written.
//!
//! Time zones are those that the program was built with (IANA).

use std::sync::LazyLock;

use jiff::civil::Time;
use jiff::tz::{TimeZone, TimeZoneDatabase};
use jiff::{SignedDuration, Timestamp, Zoned};

use super::{Failure, Function, bad, text_at, wrong};
use crate::evaluate::{Evaluated, Machine};
use crate::value::Value;

/// Operations for finding a time zone and a civil time in it.
const ZONE_OPERATIONS: usize = 20;
/// The longest name of a time zone, in bytes.
const ZONE_NAME_BYTES_MAX: usize = 64;

static ZONES: LazyLock<TimeZoneDatabase> = LazyLock::new(TimeZoneDatabase::bundled);

/// Days of the week, from Monday.
const WEEKDAYS: [&str; 7] = [
    "monday",
    "tuesday",
    "wednesday",
    "thursday",
    "friday",
    "saturday",
    "sunday",
];

pub(super) fn in_time_window<'a>(
    machine: &mut Machine<'a>,
    at: u32,
    arguments: &[Value<'a>],
) -> Evaluated<'a> {
    machine.meter.spend(at, ZONE_OPERATIONS)?;
    let read = |index| -> Result<Time, Failure> {
        clock(text_at(at, arguments, index)?).map_err(|message| bad(at, message))
    };
    let from = read(1)?;
    let until = read(2)?;
    let now = civil(at, arguments, Some(3))?.time();
    let is_in = if from <= until {
        from <= now && now < until
    } else {
        from <= now || now < until
    };
    Ok(Value::Bool(is_in))
}

pub(super) fn weekday<'a>(
    machine: &mut Machine<'a>,
    at: u32,
    arguments: &[Value<'a>],
) -> Evaluated<'a> {
    machine.meter.spend(at, ZONE_OPERATIONS)?;
    let day = civil(at, arguments, Some(1))?
        .weekday()
        .to_monday_zero_offset();
    let name = usize::try_from(day)
        .ok()
        .and_then(|day| WEEKDAYS.get(day))
        .copied()
        .unwrap_or_default();
    Ok(Value::borrowed(name))
}

/// A part of a time, or a whole duration in a unit.
pub(super) fn part<'a>(
    machine: &mut Machine<'a>,
    at: u32,
    function: Function,
    arguments: &[Value<'a>],
) -> Evaluated<'a> {
    if let Some(Value::Duration(duration)) = arguments.first() {
        return Ok(Value::Int(match function {
            Function::Hours => duration.as_hours(),
            Function::Minutes => duration.as_mins(),
            Function::Seconds => duration.as_secs(),
            Function::Milliseconds => i64::from(duration.subsec_millis()),
            _ => return Err(wrong(at, "a time", arguments.first())),
        }));
    }
    machine.meter.spend(at, ZONE_OPERATIONS)?;
    let civil = civil(at, arguments, (arguments.len() > 1).then_some(1))?;
    Ok(Value::Int(match function {
        Function::FullYear => i64::from(civil.year()),
        Function::Month => i64::from(civil.month()) - 1,
        Function::Date => i64::from(civil.day()),
        Function::DayOfMonth => i64::from(civil.day()) - 1,
        Function::DayOfWeek => i64::from(civil.weekday().to_sunday_zero_offset()),
        Function::DayOfYear => i64::from(civil.day_of_year()) - 1,
        Function::Hours => i64::from(civil.hour()),
        Function::Minutes => i64::from(civil.minute()),
        Function::Seconds => i64::from(civil.second()),
        _ => i64::from(civil.millisecond()),
    }))
}

/// The time that stands first, in the zone that stands at `zone_at`; in UTC
/// without one.
fn civil(at: u32, arguments: &[Value<'_>], zone_at: Option<usize>) -> Result<Zoned, Failure> {
    let Some(Value::Timestamp(time)) = arguments.first() else {
        return Err(wrong(at, "a time", arguments.first()));
    };
    let zone = match zone_at {
        Some(index) => zone(text_at(at, arguments, index)?).map_err(|message| bad(at, message))?,
        None => TimeZone::UTC,
    };
    Ok(time.to_zoned(zone))
}

/// A time zone by its IANA name.
pub(super) fn zone(name: &str) -> Result<TimeZone, String> {
    let unknown = "there is no time zone of this name, as Europe/Berlin or UTC";
    if name.len() > ZONE_NAME_BYTES_MAX {
        return Err(unknown.to_owned());
    }
    ZONES.get(name).map_err(|_| unknown.to_owned())
}

/// An hour of the day: `HH:MM`; `24:00` is the day's end.
pub(super) fn clock(text: &str) -> Result<Time, String> {
    let wrong = || "this is no hour, as 08:00 or 18:30".to_owned();
    let number = |digits: &str| -> Option<i8> {
        let is_number = digits.len() == 2 && digits.bytes().all(|byte| byte.is_ascii_digit());
        is_number.then(|| digits.parse().ok()).flatten()
    };
    let (hour, minute) = text.split_once(':').ok_or_else(wrong)?;
    match (number(hour), number(minute)) {
        (Some(24), Some(0)) => Ok(Time::MAX),
        (Some(hour), Some(minute)) => Time::new(hour, minute, 0, 0).map_err(|_| wrong()),
        _ => Err(wrong()),
    }
}

/// A time as RFC 3339 writes it.
pub(super) fn timestamp(text: &str) -> Result<Timestamp, String> {
    text.parse()
        .map_err(|_| "this is no time, as 2027-01-31T08:00:00Z".to_owned())
}

/// A duration: numbers with units one after the other (`1h30m`, `-1.5s`).
pub(super) fn duration(text: &str) -> Result<SignedDuration, String> {
    let wrong = || "this is no duration, as 8h, 1h30m, 45s or 250ms".to_owned();
    let (negative, mut rest) = match text.strip_prefix(['-', '+']) {
        Some(rest) => (text.starts_with('-'), rest),
        None => (false, text),
    };
    if rest == "0" {
        return Ok(SignedDuration::ZERO);
    }
    if rest.is_empty() {
        return Err(wrong());
    }
    let mut nanoseconds: i128 = 0;
    while !rest.is_empty() {
        let end = rest
            .find(|c: char| !(c.is_ascii_digit() || c == '.'))
            .ok_or_else(wrong)?;
        let (number, after) = rest.split_at(end);
        let unit_end = after
            .find(|c: char| c.is_ascii_digit() || c == '.')
            .unwrap_or(after.len());
        let (unit, next) = after.split_at(unit_end);
        let unit: i128 = match unit {
            "h" => 3_600_000_000_000,
            "m" => 60_000_000_000,
            "s" => 1_000_000_000,
            "ms" => 1_000_000,
            "us" => 1_000,
            "ns" => 1,
            _ => return Err(wrong()),
        };
        nanoseconds = quantity(number, unit)
            .and_then(|part| nanoseconds.checked_add(part))
            .ok_or_else(wrong)?;
        rest = next;
    }
    let nanoseconds = if negative { -nanoseconds } else { nanoseconds };
    let seconds = i64::try_from(nanoseconds / 1_000_000_000).map_err(|_| wrong())?;
    let part = i32::try_from(nanoseconds % 1_000_000_000).map_err(|_| wrong())?;
    Ok(SignedDuration::new(seconds, part))
}

/// `number`, which may have a fraction, of `unit` nanoseconds.
fn quantity(number: &str, unit: i128) -> Option<i128> {
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    if whole.is_empty() && fraction.is_empty() {
        return None;
    }
    let whole: i128 = if whole.is_empty() {
        0
    } else {
        whole.parse().ok()?
    };
    let mut nanoseconds = whole.checked_mul(unit)?;
    let mut of_digit = unit;
    for digit in fraction.chars() {
        of_digit /= 10;
        nanoseconds = nanoseconds.checked_add(of_digit * i128::from(digit.to_digit(10)?))?;
    }
    Some(nanoseconds)
}

/// A duration as CEL writes it: `90s`, `1.5s`.
pub(super) fn duration_text(duration: SignedDuration) -> String {
    let nanoseconds = duration.as_nanos();
    let sign = if nanoseconds < 0 { "-" } else { "" };
    let size = nanoseconds.unsigned_abs();
    let (whole, part) = (size / 1_000_000_000, size % 1_000_000_000);
    if part == 0 {
        return format!("{sign}{whole}s");
    }
    let part = format!("{part:09}");
    format!("{sign}{whole}.{}s", part.trim_end_matches('0'))
}
