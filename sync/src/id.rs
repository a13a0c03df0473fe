//! Typed ids. An id is a UUID (version 7 where a device or the server makes it, so that rows of
//! one day lie together) and knows the table whose rows it names. Nothing here makes an id:
//! identity is an argument.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

macro_rules! id_types {
    ($($(#[$doc:meta])* $name:ident in $table:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl $name {
            /// The table whose rows this id names.
            pub const TABLE: &'static str = $table;
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(f)
            }
        }

        impl crate::value::Cell for $name {
            const TYPE: crate::value::Type = crate::value::Type::Id($table);

            fn to_value(&self) -> crate::value::Value {
                crate::value::Value::Id(self.0)
            }

            fn from_value(value: &crate::value::Value) -> Option<Self> {
                match value {
                    crate::value::Value::Id(id) => Some(Self(*id)),
                    _ => None,
                }
            }
        }
    )*};
}

id_types! {
    /// A guild: the tenant. Its id is also the `guild_id` of everything in it.
    GuildId in "guilds";
    LocationId in "locations";
    UserId in "users";
    UserContactId in "user_contacts";
    UserLocationId in "user_locations";
    RankId in "ranks";
    AccessLevelId in "access_levels";
    RankAccessLevelId in "rank_access_levels";
    SquadId in "squads";
    AssistantId in "assistants";
    SopId in "sops";
    SopVersionId in "sop_versions";
    SopReadId in "sop_reads";
    KnowledgeItemId in "knowledge_items";
    KnowledgeVersionId in "knowledge_versions";
    PublicInfoId in "public_info";
    TicketId in "tickets";
    TicketMessageId in "ticket_messages";
    TicketResolutionId in "ticket_resolutions";
    ObjectiveId in "objectives";
    ObjectiveSectionId in "objective_sections";
    CompetitorId in "competitors";
    ConflictId in "sync_conflicts";
    /// A line of the write-ahead log: one local change of one row.
    EntryId in "wal_entries";
    /// One local transaction: its entries are answered together.
    GroupId in "wal_groups";
    /// A laptop's file of one user, as the server knows it.
    DeviceId in "devices";
}
