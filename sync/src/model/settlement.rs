//! What two people changed at once and a person has to settle.

use crate::id::{ConflictId, UserId};
use crate::schema::Scope;
use crate::time::Timestamp;
use crate::value::Json;
use crate::{synced_table, text_enum};
use std::collections::BTreeSet;
use uuid::Uuid;

text_enum! {
    /// Why the two sides could not be merged.
    ConflictKind {
        /// Both gave one column another value.
        Field = "field",
        /// Both rewrote the same sentence.
        Text = "text",
        /// One deleted what the other edited.
        DeleteVsEdit = "delete_vs_edit",
        /// Both made a row with the same business key.
        Duplicate = "duplicate",
        /// The state had moved on to where the wanted step does not start.
        State = "state",
    }
}

synced_table! {
    /// Two versions of something, both kept until a person settles it. The server's is live.
    pub struct SyncConflict(ConflictId) in "sync_conflicts" number 21;
    rows ServerDecided;
    scopes [Scope::Copied("scope_key")];
    keys [];
    units [];
    columns {
        /// The entry that could not be merged.
        10 entry_id: Uuid = Default::Required => Merge::ServerOnly;
        /// The table of the row.
        11 target_table: String = Default::Required => Merge::ServerOnly;
        /// The row.
        12 target_id: Uuid = Default::Required => Merge::ServerOnly;
        /// Why it could not be merged.
        13 kind: ConflictKind = Default::Required => Merge::ServerOnly;
        /// The columns that it is about.
        14 units: BTreeSet<String> = Default::EmptySet => Merge::ServerOnly;
        /// The named values that both sides started from.
        15 base: Json = Default::EmptyObject => Merge::ServerOnly;
        /// The named values that the author wanted.
        16 mine: Json = Default::EmptyObject => Merge::ServerOnly;
        /// The named values that the server had, and that are live.
        17 theirs: Json = Default::EmptyObject => Merge::ServerOnly;
        /// Whose edit it is.
        18 author_id: Option<UserId> = Default::Null => Merge::ServerOnly;
        /// When it was settled.
        19 resolved_at: Option<Timestamp> = Default::Null => Merge::ServerOnly;
        /// Who settled it.
        20 resolved_by: Option<UserId> = Default::Null => Merge::ServerOnly;
        /// The scopes of the row that it is about, copied by the server.
        21 scope_key: String = Default::Text("") => Merge::ServerOnly;
    }
}
