//! What a restore of the server means for this laptop, in plain words.

use super::Check;
use crate::error::Result;
use crate::restore::{Report, report};
use rusqlite::Connection;

const NAME: &str = "server";
const ASK: &str = "Ask the administrator to run `guildhall epoch new`. This laptop then goes on by itself.";

pub fn examine(connection: &Connection) -> Result<Check> {
    let report = report(connection)?;
    let is_well = report.set_back_at.is_none();
    Ok(Check { name: NAME, is_well, found: say(&report), advice: (!is_well).then_some(ASK) })
}

/// For people: what happened to the server, and to their work.
pub fn say(report: &Report) -> String {
    if report.set_back_at.is_some() {
        let kept = "Everything on this laptop is kept, and what you write stays here until then.";
        return format!("The server was restored to an earlier state and stands still. {kept}");
    }
    if report.restored_at.is_none() || report.offered == 0 {
        return "Nothing of this laptop's work was lost there.".to_owned();
    }
    let Report { offered, waiting, conflicts, refused, .. } = report;
    let mut text =
        format!("The server was restored. Of {offered} changes of this laptop that were offered again, ");
    let back = offered.saturating_sub(waiting + conflicts + refused);
    text += &format!("{back} are there");
    for (count, what) in [
        (waiting, "wait to be sent"),
        (conflicts, "need you: a conflict"),
        (refused, "were refused and are kept"),
    ] {
        if *count > 0 {
            text += &format!(", {count} {what}");
        }
    }
    text + "."
}

#[cfg(test)]
mod tests {
    use super::*;
    use guildhall_sync::time::Timestamp;

    #[test]
    fn a_person_reads_what_happened_to_the_server_and_to_their_work() {
        let at = Some(Timestamp(1));
        assert!(say(&Report::default()).starts_with("Nothing of this laptop's work was lost"));
        let still = Report { set_back_at: at, ..Report::default() };
        assert!(say(&still).contains("stands still. Everything on this laptop is kept"));
        let back = Report { restored_at: at, offered: 9, waiting: 2, conflicts: 1, ..Report::default() };
        let said = "Of 9 changes of this laptop that were offered again, 6 are there, 2 wait to be sent, 1 need you: a conflict.";
        assert!(say(&back).ends_with(said), "{}", say(&back));
    }
}
