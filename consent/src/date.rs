//! Dates as people write them behind `unavailable_after`: RFC 822, RFC 850, ISO 8601, and the
//! day alone.

use chrono::{DateTime, FixedOffset, NaiveDate, NaiveDateTime, NaiveTime, TimeZone, Utc};

/// Longest text looked at. No date is longer.
pub(crate) const LONGEST: usize = 80;

/// The moment `text` names, if it names one.
pub(crate) fn parse(text: &str) -> Option<DateTime<Utc>> {
    let text = text.trim();
    if text.len() > LONGEST {
        return None;
    }
    iso_8601(text).or_else(|| in_words(text))
}

/// The forms with a `T` in the middle; the zone is that of Greenwich where it is not told.
fn iso_8601(text: &str) -> Option<DateTime<Utc>> {
    const ZONED: [&str; 2] = ["%Y-%m-%dT%H:%M%#z", "%Y%m%dT%H%M%S%#z"];
    const PLAIN: [&str; 3] = ["%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%dT%H:%M", "%Y%m%dT%H%M%S"];
    if let Ok(moment) = DateTime::parse_from_rfc3339(text) {
        return Some(moment.to_utc());
    }
    let zoned = ZONED.iter().find_map(|form| DateTime::parse_from_str(text, form).ok());
    let plain = || PLAIN.iter().find_map(|form| NaiveDateTime::parse_from_str(text, form).ok());
    zoned.map(|moment| moment.to_utc()).or_else(|| plain().map(|moment| moment.and_utc()))
}

/// Whether `text` is a weekday, in full or cut short.
fn is_weekday(text: &str) -> bool {
    const DAYS: [&str; 7] = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];
    let text = text.to_ascii_lowercase();
    text.len() >= 3 && DAYS.iter().any(|day| day.starts_with(&text))
}

/// Takes each word for what it looks like, whatever the order.
fn in_words(text: &str) -> Option<DateTime<Utc>> {
    let mut date = None;
    let mut time = NaiveTime::MIN;
    let mut offset = 0;
    let (mut day, mut month, mut year) = (None, None, None);
    for word in text.split(|c: char| crate::directive::blank(c) || c == ',').filter(|word| !word.is_empty()) {
        if let Some(found) = clock(word) {
            time = found;
        } else if let Some(found) = zone(word) {
            offset = found;
        } else if let Some(found) = day_in_one_word(word) {
            date = Some(found);
        } else if let Some(found) = month_of(word) {
            month = Some(found);
        } else if let Ok(number) = word.parse::<u32>() {
            if day.is_none() && number <= 31 {
                day = Some(number);
            } else {
                year = Some(full_year(word)?);
            }
        } else if !is_weekday(word) {
            return None;
        }
    }
    let date = match date {
        Some(date) => date,
        None => NaiveDate::from_ymd_opt(year?, month?, day?)?,
    };
    let zone = FixedOffset::east_opt(offset)?;
    zone.from_local_datetime(&NaiveDateTime::new(date, time)).single().map(|moment| moment.to_utc())
}

/// `15:00:00` or `15:00`.
fn clock(word: &str) -> Option<NaiveTime> {
    NaiveTime::parse_from_str(word, "%H:%M:%S").or_else(|_| NaiveTime::parse_from_str(word, "%H:%M")).ok()
}

/// `2050-06-25`, `20500625`, `25-Jun-2050`, `25-Jun-50`.
fn day_in_one_word(word: &str) -> Option<NaiveDate> {
    if let Ok(date) = NaiveDate::parse_from_str(word, "%Y-%m-%d") {
        return Some(date);
    }
    if word.len() == 8 && word.bytes().all(|byte| byte.is_ascii_digit()) {
        return NaiveDate::parse_from_str(word, "%Y%m%d").ok();
    }
    let mut parts = word.split('-');
    let (day, month, year) = (parts.next()?, parts.next()?, parts.next()?);
    NaiveDate::from_ymd_opt(full_year(year)?, month_of(month)?, day.parse().ok()?)
}

fn month_of(word: &str) -> Option<u32> {
    const MONTHS: [&str; 12] = [
        "january",
        "february",
        "march",
        "april",
        "may",
        "june",
        "july",
        "august",
        "september",
        "october",
        "november",
        "december",
    ];
    let word = word.trim_end_matches('.').to_ascii_lowercase();
    let place = MONTHS.iter().position(|month| word.len() >= 3 && month.starts_with(&word))?;
    u32::try_from(place + 1).ok()
}

/// RFC 850 writes two digits; RFC 9110 section 5.6.7 leaves the century to the reader.
fn full_year(word: &str) -> Option<i32> {
    let year: i32 = word.parse().ok()?;
    match word.len() {
        2 if year < 70 => Some(2000 + year),
        2 => Some(1900 + year),
        4 => Some(year),
        _ => None,
    }
}

/// Seconds east of Greenwich. Names are those of RFC 822 section 5.
fn zone(word: &str) -> Option<i32> {
    let hours = match word.to_ascii_uppercase().as_str() {
        "GMT" | "UTC" | "UT" | "Z" => 0,
        "EDT" => -4,
        "EST" | "CDT" => -5,
        "CST" | "MDT" => -6,
        "MST" | "PDT" => -7,
        "PST" => -8,
        "BST" | "CET" => 1,
        "CEST" => 2,
        "JST" => 9,
        _ => return numeric_zone(word),
    };
    Some(hours * 3600)
}

/// `+0200`, `-08:00`.
fn numeric_zone(word: &str) -> Option<i32> {
    let sign = match word.as_bytes().first()? {
        b'+' => 1,
        b'-' => -1,
        _ => return None,
    };
    let digits: String = word[1..].chars().filter(|c| *c != ':').collect();
    if digits.len() != 4 {
        return None;
    }
    let number: i32 = digits.parse().ok()?;
    Some(sign * (number / 100 * 3600 + number % 100 * 60))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_read_in_all_their_spellings() {
        for (text, moment) in [
            ("25 Jun 2010 15:00:00 PST", "2010-06-25T23:00:00Z"),
            ("Saturday, 25-Jun-2050 15:00:00 PST", "2050-06-25T23:00:00Z"),
            ("25-Aug-2007 15:00:00 EST", "2007-08-25T20:00:00Z"),
            ("25-Aug-07 15:00:00 GMT", "2007-08-25T15:00:00Z"),
            ("Wed, 03 Jul 2024 00:00:00 GMT", "2024-07-03T00:00:00Z"),
            ("Wed, 03 Jul 2024 00:00:00 +0200", "2024-07-02T22:00:00Z"),
            ("Jul 3 2024 10:30", "2024-07-03T10:30:00Z"),
            ("2050-06-25T15:00:00+01:00", "2050-06-25T14:00:00Z"),
            ("2050-06-25 15:00:00", "2050-06-25T15:00:00Z"),
            ("2050-06-25", "2050-06-25T00:00:00Z"),
            ("20500625", "2050-06-25T00:00:00Z"),
            ("2050-06-25T15:00", "2050-06-25T15:00:00Z"),
            ("2050-06-25T15:00:00", "2050-06-25T15:00:00Z"),
            ("2050-06-25T15:00:00.5", "2050-06-25T15:00:00.5Z"),
            ("2050-06-25T15:00+0100", "2050-06-25T14:00:00Z"),
            ("20500625T150000Z", "2050-06-25T15:00:00Z"),
            ("June 25, 2050", "2050-06-25T00:00:00Z"),
            ("1 Jan 2030", "2030-01-01T00:00:00Z"),
        ] {
            let expected: DateTime<Utc> = moment.parse().unwrap();
            assert_eq!(parse(text), Some(expected), "{text}");
        }
        for text in [
            "",
            "soon",
            "32 Jan 2030",
            "1 Foo 2030",
            "noai",
            "99999999999999",
            "20501325",
            "2050-06-25T25:00",
            "1 Jan",
            "--",
            "+é",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
