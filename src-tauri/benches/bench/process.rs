//! What this process has used, as Linux tells it.

use std::fs::{read_to_string, write};
use std::time::Duration;

use anyhow::Context;

const TICKS_A_SECOND: u64 = 100;

/// Lets the highest use of memory be counted from now on.
pub fn forget_peak() -> anyhow::Result<()> {
    write("/proc/self/clear_refs", "5").context("the peak of memory could not be set back")
}

/// The most memory that was in use at once, in bytes.
pub fn peak_bytes() -> anyhow::Result<u64> {
    let status = read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).context("no peak of memory")?;
    let kib: u64 = line.trim().trim_end_matches("kB").trim().parse()?;
    Ok(kib * 1024)
}

/// The time that processors spent on this process, all threads together.
pub fn processor_time() -> anyhow::Result<Duration> {
    let stat = read_to_string("/proc/self/stat")?;
    // The name in the second field may hold spaces, so fields count from behind it.
    let (_, fields) = stat.rsplit_once(')').context("no fields")?;
    let ticks: u64 =
        fields.split_whitespace().skip(11).take(2).filter_map(|field| field.parse::<u64>().ok()).sum();
    Ok(Duration::from_millis(ticks * 1000 / TICKS_A_SECOND))
}
