//! A time zone of the IANA database in the form of Windows
//! (MS-RDPBCGR 2.2.1.11.1.1.1.1): offsets and this year's two changes.

use ironrdp_pdu::rdp::client_info::{
    DayOfWeek, DayOfWeekOccurrence, Month, OptionalSystemTime, SystemTime, TimezoneInfo,
};
use jiff::Timestamp;
use jiff::civil::Weekday;
use jiff::tz::{Dst, TimeZone, TimeZoneTransition};

/// How far ahead changes are looked for: they are a year apart at most, and a
/// zone without any has none.
const TRANSITIONS_MAX: usize = 2;

/// What the target is told; UTC when the name is unknown or there is none.
pub(crate) fn info(name: Option<&str>) -> TimezoneInfo {
    let zone = name.and_then(|name| TimeZone::get(name).ok());
    zone.map_or_else(TimezoneInfo::default, |zone| {
        info_at(&zone, Timestamp::now())
    })
}

fn info_at(zone: &TimeZone, now: Timestamp) -> TimezoneInfo {
    let next: Vec<TimeZoneTransition<'_>> = zone.following(now).take(TRANSITIONS_MAX).collect();
    let to = |dst| next.iter().find(|transition| transition.dst() == dst);
    let name = zone.iana_name().unwrap_or("UTC");
    // The field holds 31 characters; names are of ASCII.
    let name = name.get(..31).unwrap_or(name);
    let current = zone.to_offset_info(now);
    let (Some(to_standard), Some(to_daylight)) = (to(Dst::No), to(Dst::Yes)) else {
        return TimezoneInfo {
            bias: -(current.offset().seconds() / 60),
            standard_name: name.to_owned(),
            daylight_name: name.to_owned(),
            ..TimezoneInfo::default()
        };
    };
    let standard = to_standard.offset().seconds() / 60;
    let daylight = to_daylight.offset().seconds() / 60;
    TimezoneInfo {
        bias: -standard,
        standard_name: name.to_owned(),
        // Each change is written in the time that it ends.
        standard_date: rule(to_standard.timestamp(), daylight),
        standard_bias: 0,
        daylight_name: name.to_owned(),
        daylight_date: rule(to_daylight.timestamp(), standard),
        daylight_bias: standard - daylight,
    }
}

/// A moment as a rule: the how manieth such weekday of its month.
fn rule(at: Timestamp, offset_minutes: i32) -> OptionalSystemTime {
    let offset =
        jiff::tz::Offset::from_seconds(offset_minutes * 60).unwrap_or(jiff::tz::Offset::UTC);
    let local = offset.to_datetime(at);
    let last = local.day() + 7 > local.days_in_month();
    let occurrence = match (local.day() - 1) / 7 {
        _ if last => DayOfWeekOccurrence::Last,
        0 => DayOfWeekOccurrence::First,
        1 => DayOfWeekOccurrence::Second,
        2 => DayOfWeekOccurrence::Third,
        _ => DayOfWeekOccurrence::Fourth,
    };
    OptionalSystemTime(Some(SystemTime {
        month: month(local.month()),
        day_of_week: day_of_week(local.weekday()),
        day: occurrence,
        hour: u16::try_from(local.hour()).unwrap_or(0),
        minute: u16::try_from(local.minute()).unwrap_or(0),
        second: 0,
        milliseconds: 0,
    }))
}

const fn month(number: i8) -> Month {
    match number {
        1 => Month::January,
        2 => Month::February,
        3 => Month::March,
        4 => Month::April,
        5 => Month::May,
        6 => Month::June,
        7 => Month::July,
        8 => Month::August,
        9 => Month::September,
        10 => Month::October,
        11 => Month::November,
        _ => Month::December,
    }
}

const fn day_of_week(day: Weekday) -> DayOfWeek {
    match day {
        Weekday::Sunday => DayOfWeek::Sunday,
        Weekday::Monday => DayOfWeek::Monday,
        Weekday::Tuesday => DayOfWeek::Tuesday,
        Weekday::Wednesday => DayOfWeek::Wednesday,
        Weekday::Thursday => DayOfWeek::Thursday,
        Weekday::Friday => DayOfWeek::Friday,
        Weekday::Saturday => DayOfWeek::Saturday,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    fn at(zone: &str, moment: &str) -> TimezoneInfo {
        info_at(&TimeZone::get(zone).unwrap(), moment.parse().unwrap())
    }

    #[test]
    fn vienna_changes_twice_a_year() {
        for moment in ["2026-01-10T00:00:00Z", "2026-07-10T00:00:00Z"] {
            let zone = at("Europe/Vienna", moment);
            assert_eq!(
                (zone.bias, zone.standard_bias, zone.daylight_bias),
                (-60, 0, -60)
            );
            let daylight = zone.daylight_date.0.unwrap();
            assert_eq!((daylight.month, daylight.hour), (Month::March, 2));
            assert_eq!(daylight.day_of_week, DayOfWeek::Sunday);
            assert_eq!(daylight.day, DayOfWeekOccurrence::Last);
            let standard = zone.standard_date.0.unwrap();
            assert_eq!((standard.month, standard.hour), (Month::October, 3));
        }
    }

    #[test]
    fn zones_without_changes_have_an_offset_only() {
        let zone = at("Asia/Kolkata", "2026-01-10T00:00:00Z");
        assert_eq!((zone.bias, zone.daylight_bias), (-330, 0));
        assert!(zone.standard_date.0.is_none() && zone.daylight_date.0.is_none());
        assert_eq!(info(None).bias, 0);
        assert_eq!(info(Some("Nowhere/Else")).bias, 0);
    }
}
