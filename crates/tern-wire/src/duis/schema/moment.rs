//! Dates and times as XML Schema 1.0 spells them. Years may have any number of digits, a zone may be there or not.

/// Whether a text is an `xs:dateTime`.
pub(super) fn is_date_time(text: &str) -> bool {
    let Some((date, time)) = text.split_once('T') else { return false };
    is_bare_date(date) && is_bare_time(without_zone(time))
}

/// Whether a text is an `xs:date`.
pub(super) fn is_date(text: &str) -> bool {
    is_bare_date(without_zone(text))
}

/// Whether a text is an `xs:time`.
pub(super) fn is_time(text: &str) -> bool {
    is_bare_time(without_zone(text))
}

/// Two digits, as a number.
fn two(text: &str) -> Option<u8> {
    (text.len() == 2 && text.bytes().all(|b| b.is_ascii_digit())).then(|| text.parse().ok())?
}

/// The text before its time zone, `Z` or at most 14 hours off.
fn without_zone(text: &str) -> &str {
    if let Some(bare) = text.strip_suffix('Z') {
        return bare;
    }
    let Some((bare, zone)) = text.len().checked_sub(6).and_then(|at| text.split_at_checked(at)) else { return text };
    let hours_minutes = zone.strip_prefix(['+', '-']).and_then(|zone| zone.split_once(':'));
    let parts = hours_minutes.and_then(|(hours, minutes)| two(hours).zip(two(minutes)));
    if parts.is_some_and(|(hours, minutes)| hours < 14 && minutes < 60 || (hours, minutes) == (14, 0)) {
        bare
    } else {
        text
    }
}

fn is_bare_date(text: &str) -> bool {
    let text = text.strip_prefix('-').unwrap_or(text);
    let mut parts = text.splitn(3, '-');
    let (Some(year), Some(month), Some(day)) = (parts.next(), parts.next(), parts.next()) else { return false };
    let is_year = year.len() >= 4 && year.bytes().all(|b| b.is_ascii_digit());
    // Longer years have no leading zero, and there is no year 0.
    let is_year = is_year && (year.len() == 4 || !year.starts_with('0')) && year.bytes().any(|b| b != b'0');
    let Some((month, day)) = two(month).zip(two(day)) else { return false };
    let last = match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 if is_leap(year) => 29,
        2 => 28,
        _ => return false,
    };
    is_year && (1..=last).contains(&day)
}

/// By the Gregorian rule; the last four digits say it.
fn is_leap(year: &str) -> bool {
    let last: u16 = year.get(year.len().saturating_sub(4)..).and_then(|digits| digits.parse().ok()).unwrap_or_default();
    last.is_multiple_of(4) && (!last.is_multiple_of(100) || last.is_multiple_of(400))
}

fn is_bare_time(text: &str) -> bool {
    let (whole, fraction) = match text.split_once('.') {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (text, None),
    };
    let mut parts = whole.splitn(3, ':').map(two);
    let (Some(Some(hour)), Some(Some(minute)), Some(Some(second))) = (parts.next(), parts.next(), parts.next()) else {
        return false;
    };
    let are_digits = |digits: &str| !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit());
    // Midnight may be the end of its day.
    let is_midnight = (hour, minute, second) == (24, 0, 0) && fraction.is_none_or(|f| f.bytes().all(|b| b == b'0'));
    fraction.is_none_or(are_digits) && (is_midnight || hour < 24 && minute < 60 && second < 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_those_of_xml_schema() {
        for good in [
            "2026-03-02T12:00:00",
            "2026-03-02T12:00:00Z",
            "2026-03-02T12:00:00.123456789+14:00",
            "2024-02-29T24:00:00Z",
            "12026-01-01T00:00:00-00:00",
            "-0044-03-15T00:00:00",
        ] {
            assert!(is_date_time(good), "{good}");
        }
        for bad in [
            "",
            "T",
            "2026-03-02",
            "2026-3-2T12:00:00",
            "2026-02-29T12:00:00",
            "2026-13-01T12:00:00",
            "2026-00-01T12:00:00",
            "2026-01-00T12:00:00",
            "0000-01-01T00:00:00",
            "02026-01-01T00:00:00",
            "2026-01-01T24:00:01",
            "2026-01-01T23:60:00",
            "2026-01-01T23:59:60",
            "2026-01-01T12:00",
            "2026-01-01T12:00:00.",
            "2026-01-01T12:00:00+14:01",
            "2026-01-01T12:00:00+1:00",
            "2026-01-01T12:00:00z",
            "2026-01-01 12:00:00",
            "2026-01-01T12:00:00é",
        ] {
            assert!(!is_date_time(bad), "{bad}");
        }
        assert!(is_date("2026-03-02") && is_date("2026-03-02Z") && !is_date("2026-03-02T00:00:00"));
        assert!(is_time("12:00:00") && is_time("24:00:00.0Z") && !is_time("12:00"));
    }
}
