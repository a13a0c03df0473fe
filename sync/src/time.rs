//! Points in time and days as rows hold them. Reading the clock is not done here: `now` is an
//! argument everywhere below the two clock files.

use crate::value::{Cell, Type, Value};
use serde::{Deserialize, Serialize};

/// Microseconds since 1970-01-01T00:00:00Z.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Timestamp(pub i64);

/// Days since 1970-01-01.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Date(pub i32);

impl Timestamp {
    /// Reads RFC 3339 with any offset; finer than a microsecond is cut off.
    pub fn parse(text: &str) -> Option<Self> {
        let parsed: jiff::Timestamp = text.parse().ok()?;
        Some(Self(parsed.as_microsecond()))
    }

    /// RFC 3339 in UTC, with as many decimals as are needed.
    /// Times outside the years −9999 to 9999 are printed as their bare microseconds.
    pub fn print(self) -> String {
        match jiff::Timestamp::from_microsecond(self.0) {
            Ok(time) => time.to_string(),
            Err(_) => self.0.to_string(),
        }
    }

    pub fn plus_ms(self, ms: u64) -> Self {
        Self(self.0.saturating_add_unsigned(ms.saturating_mul(1000)))
    }
}

impl Date {
    /// Reads `2026-05-01`.
    pub fn parse(text: &str) -> Option<Self> {
        let date: jiff::civil::Date = text.parse().ok()?;
        let days = date.since(EPOCH).ok()?.get_days();
        Some(Self(days))
    }

    pub fn print(self) -> String {
        match EPOCH.checked_add(jiff::Span::new().days(self.0)) {
            Ok(date) => date.to_string(),
            Err(_) => self.0.to_string(),
        }
    }
}

const EPOCH: jiff::civil::Date = jiff::civil::date(1970, 1, 1);

impl Cell for Timestamp {
    const TYPE: Type = Type::Time;

    fn to_value(&self) -> Value {
        Value::Int(self.0)
    }

    fn from_value(value: &Value) -> Option<Self> {
        value.as_int().map(Self)
    }
}

impl Cell for Date {
    const TYPE: Type = Type::Date;

    fn to_value(&self) -> Value {
        Value::Int(self.0.into())
    }

    fn from_value(value: &Value) -> Option<Self> {
        value.as_int()?.try_into().ok().map(Self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_and_days_come_back_as_they_were() {
        for text in ["2026-11-18T09:30:00Z", "1969-12-31T23:59:59.999999Z", "2038-01-19T03:14:08.5Z"] {
            assert_eq!(Timestamp::parse(text).map(Timestamp::print).as_deref(), Some(text));
        }
        for text in ["1970-01-01", "1969-12-31", "2024-02-29", "2100-03-01"] {
            assert_eq!(Date::parse(text).map(Date::print).as_deref(), Some(text));
        }
        assert_eq!(Date::parse("1970-01-02"), Some(Date(1)));
        assert_eq!(Timestamp::parse("2026-11-18T10:30:00+01:00"), Timestamp::parse("2026-11-18T09:30:00Z"));
        assert_eq!(Timestamp::parse("yesterday"), None);
        assert_eq!(Date::parse("2026-13-01"), None);
    }
}
