//! Missions: objectives, and what each clearance may read of them.

use super::desk::Priority;
use crate::id::{ObjectiveId, ObjectiveSectionId, RankId, SquadId, UserId};
use crate::schema::{Machine, Scope};
use crate::value::Markdown;
use crate::{synced_table, text_enum};
use std::collections::BTreeSet;

text_enum! {
    /// Where an objective stands.
    ObjectiveStatus { Active = "active", Completed = "completed", Cancelled = "cancelled", OnHold = "on_hold" }
}

text_enum! {
    /// Where the progress of an objective comes from.
    ProgressMode { Manual = "manual", FromTasks = "from_tasks", FromMetrics = "from_metrics" }
}

text_enum! {
    /// A clearance of an objective's text.
    Section { Brief = "brief", Tactical = "tactical", Classified = "classified" }
}

/// What is over can be taken up again; what was cancelled is not completed.
pub static OBJECTIVE_MACHINE: Machine = Machine {
    ways: &[
        ("active", &["on_hold", "completed", "cancelled"]),
        ("on_hold", &["active", "cancelled"]),
        ("completed", &["active"]),
        ("cancelled", &["active"]),
    ],
};

synced_table! {
    /// Something that the guild wants to reach.
    pub struct Objective(ObjectiveId) in "objectives" number 18;
    rows Edited;
    scopes [Scope::Rank("rank_id")];
    keys [];
    units [];
    columns {
        /// As the guild calls it.
        10 name: String = Default::Required => Merge::Guarded, searched;
        /// What kind of people it suits.
        11 preferences: BTreeSet<String> = Default::EmptySet => Merge::Set;
        /// How much it matters.
        12 priority: Priority = Default::Text("medium") => Merge::Guarded;
        /// The lowest rank that may read it.
        13 rank_id: RankId = Default::Required => Merge::Guarded;
        /// How far it is, 0 to 100.
        14 progress: i64 = Default::Int(0) => Merge::Soft;
        /// Where the progress comes from.
        15 progress_mode: ProgressMode = Default::Text("manual") => Merge::Guarded;
        /// Where it stands.
        16 status: ObjectiveStatus = Default::Text("active") => Merge::Status(&OBJECTIVE_MACHINE);
        /// Who leads it.
        17 lead_id: Option<UserId> = Default::Null => Merge::Guarded;
        /// The squad that works on it.
        18 squad_id: Option<SquadId> = Default::Null => Merge::Guarded;
        /// Its place in a list that people order by hand.
        19 sort_key: String = Default::Text("") => Merge::Soft;
    }
}

synced_table! {
    /// What one clearance may read of an objective.
    pub struct ObjectiveSection(ObjectiveSectionId) in "objective_sections" number 19;
    rows Edited;
    scopes [Scope::CopiedBySection("scope_key", "section")];
    keys [["objective_id", "section"]];
    units [];
    columns {
        /// The objective.
        10 objective_id: ObjectiveId = Default::Required => Merge::SetOnce;
        /// Which clearance reads it.
        11 section: Section = Default::Required => Merge::SetOnce;
        /// The text, in Markdown.
        12 body_md: Markdown = Default::Text("") => Merge::Text, searched;
        /// The scope of the objective, copied by the server.
        13 scope_key: String = Default::Text("") => Merge::ServerOnly;
    }
}
