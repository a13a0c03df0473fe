//! The synced tables, each declared once, in the file of its domain. The order of [`TABLES`] is
//! the order in which a device fills them: who I am, then what the desk needs, then the rest.

pub mod desk;
pub mod knowledge;
pub mod mission;
pub mod people;
pub mod settlement;
pub mod strategy;

use crate::schema::{Row, Table};

/// Every synced table, in the order of a first download.
pub static TABLES: &[&Table] = &[
    people::Guild::TABLE,
    people::Rank::TABLE,
    people::AccessLevel::TABLE,
    people::RankAccessLevel::TABLE,
    people::Squad::TABLE,
    people::User::TABLE,
    people::UserContact::TABLE,
    people::Location::TABLE,
    people::UserLocation::TABLE,
    desk::Ticket::TABLE,
    desk::Assistant::TABLE,
    knowledge::Sop::TABLE,
    desk::PublicInfo::TABLE,
    mission::Objective::TABLE,
    mission::ObjectiveSection::TABLE,
    knowledge::KnowledgeItem::TABLE,
    desk::TicketMessage::TABLE,
    desk::TicketResolution::TABLE,
    knowledge::SopRead::TABLE,
    settlement::SyncConflict::TABLE,
    strategy::Competitor::TABLE,
    knowledge::SopVersion::TABLE,
    knowledge::KnowledgeVersion::TABLE,
];

/// Tables whose rows only go along with a row of another one; nobody looks for them by themselves.
pub const COMPANIONS: [&str; 4] = ["sop_versions", "knowledge_versions", "sop_reads", "sync_conflicts"];

pub fn find_table(name: &str) -> Option<&'static Table> {
    TABLES.iter().copied().find(|table| table.name == name)
}

pub fn find_table_by_number(number: u16) -> Option<&'static Table> {
    TABLES.iter().copied().find(|table| table.number == number)
}

/// Where the table stands in the order of a first download.
pub fn fill_position(number: u16) -> Option<usize> {
    TABLES.iter().position(|table| table.number == number)
}
