//! The guild, its places and its people.

use crate::id::{
    AccessLevelId, GuildId, LocationId, RankAccessLevelId, RankId, SquadId, UserContactId, UserId,
    UserLocationId,
};
use crate::schema::Scope;
use crate::value::Json;
use crate::{synced_table, text_enum};
use std::collections::BTreeSet;

text_enum! {
    /// The gate of the application: which screens and which kind of data a person works with.
    Role {
        Admin = "admin",
        Manager = "manager",
        Operator = "operator",
        Support = "support",
        Kiosk = "kiosk",
        Customer = "customer",
        Member = "member",
    }
}

impl Role {
    /// Kiosks and customers see what is public and nothing else of the guild.
    pub const fn is_of_the_guild(self) -> bool {
        !matches!(self, Self::Kiosk | Self::Customer)
    }

    pub const fn leads(self) -> bool {
        matches!(self, Self::Admin | Self::Manager)
    }

    pub const fn works_at_the_desk(self) -> bool {
        matches!(self, Self::Admin | Self::Manager | Self::Operator | Self::Support)
    }
}

synced_table! {
    /// A guild: the tenant that everything else belongs to.
    pub struct Guild(GuildId) in "guilds" number 1;
    rows ServerDecided;
    scopes [Scope::Guild];
    keys [["name"]];
    units [];
    columns {
        /// As its people call it.
        10 name: String = Default::Required => Merge::ServerOnly;
        /// What it is, in a sentence.
        11 description: String = Default::Text("") => Merge::ServerOnly;
        /// The language and region of public texts, as in `en-CA`.
        12 locale: String = Default::Text("en") => Merge::ServerOnly;
        /// The time zone of its days, as in `America/Toronto`.
        13 timezone: String = Default::Text("UTC") => Merge::ServerOnly;
        /// `direct`: operators and support change desk texts themselves; `propose`: they do not.
        14 desk_edits: DeskEdits = Default::Text("direct") => Merge::ServerOnly;
        /// How many hours a laptop shows what it holds without a contact with the server.
        15 lease_hours: i64 = Default::Int(720) => Merge::ServerOnly;
        /// The same for what managers may read and for what is classified.
        16 guarded_lease_hours: i64 = Default::Int(72) => Merge::ServerOnly;
    }
}

text_enum! {
    /// What operators and support may do to desk texts.
    DeskEdits { Direct = "direct", Propose = "propose" }
}

synced_table! {
    /// A place where the guild works.
    pub struct Location(LocationId) in "locations" number 2;
    rows Edited;
    scopes [Scope::Public];
    keys [["code"]];
    units [];
    columns {
        /// A short code that people say, as in `HARB`.
        10 code: String = Default::Required => Merge::Guarded;
        /// The full name.
        11 name: String = Default::Required => Merge::Guarded, searched;
        /// The time zone of its opening hours.
        12 timezone: String = Default::Text("UTC") => Merge::Guarded;
        /// Street, city, telephone and what else is known, by name.
        13 address: Json = Default::EmptyObject => Merge::Json;
    }
}

synced_table! {
    /// A person, as every member may see them.
    pub struct User(UserId) in "users" number 3;
    rows Edited;
    scopes [Scope::Guild];
    keys [["name"]];
    units [];
    columns {
        /// The name to sign in and to be called by.
        10 name: String = Default::Required => Merge::Guarded, searched;
        /// How the name is said.
        11 phonetic: String = Default::Text("") => Merge::Soft, searched;
        /// Which screens and which kind of data they work with.
        12 role: Role = Default::Required => Merge::Guarded;
        /// Their rank; none sees what the lowest rank sees.
        13 rank_id: Option<RankId> = Default::Null => Merge::Guarded;
        /// Their squad.
        14 squad_id: Option<SquadId> = Default::Null => Merge::Guarded;
        /// What they like to do, in words of their own.
        15 preferences: BTreeSet<String> = Default::EmptySet => Merge::Set;
        /// Whether they may sign in and receive data.
        16 is_active: bool = Default::Int(1) => Merge::Guarded;
    }
}

synced_table! {
    /// How to reach a person: for managers and for that person alone.
    pub struct UserContact(UserContactId) in "user_contacts" number 4;
    rows Edited;
    scopes [Scope::Managers, Scope::User("user_id")];
    keys [["user_id"], ["email"]];
    units [];
    columns {
        /// Whose it is.
        10 user_id: UserId = Default::Required => Merge::SetOnce;
        /// The address, which may also be used to sign in.
        11 email: String = Default::Required => Merge::Guarded;
    }
}

synced_table! {
    /// Who works where.
    pub struct UserLocation(UserLocationId) in "user_locations" number 5;
    rows Edited;
    scopes [Scope::Guild];
    keys [["user_id", "location_id"]];
    units [];
    columns {
        /// The person.
        10 user_id: UserId = Default::Required => Merge::SetOnce;
        /// The place.
        11 location_id: LocationId = Default::Required => Merge::SetOnce;
    }
}

synced_table! {
    /// A step on the guild's ladder.
    pub struct Rank(RankId) in "ranks" number 6;
    rows Edited;
    scopes [Scope::Guild];
    keys [["name"], ["hierarchy_level"]];
    units [];
    columns {
        /// As the guild calls it.
        10 name: String = Default::Required => Merge::Guarded;
        /// How the name is said.
        11 phonetic: String = Default::Text("") => Merge::Soft;
        /// A larger level is more senior.
        12 hierarchy_level: i64 = Default::Required => Merge::Guarded;
    }
}

synced_table! {
    /// A named set of things that people may do.
    pub struct AccessLevel(AccessLevelId) in "access_levels" number 7;
    rows ServerDecided;
    scopes [Scope::Guild];
    keys [["name"]];
    units [];
    columns {
        /// As the guild calls it.
        10 name: String = Default::Required => Merge::ServerOnly;
        /// The actions it opens, as in `objective.read.tactical`.
        11 user_actions: BTreeSet<String> = Default::EmptySet => Merge::ServerOnly;
    }
}

synced_table! {
    /// An access level that a rank holds.
    pub struct RankAccessLevel(RankAccessLevelId) in "rank_access_levels" number 8;
    rows ServerDecided;
    scopes [Scope::Guild];
    keys [["rank_id", "access_level_id"]];
    units [];
    columns {
        /// The rank that holds it.
        10 rank_id: RankId = Default::Required => Merge::ServerOnly;
        /// The level that is held.
        11 access_level_id: AccessLevelId = Default::Required => Merge::ServerOnly;
    }
}

synced_table! {
    /// People who do missions together.
    pub struct Squad(SquadId) in "squads" number 9;
    rows Edited;
    scopes [Scope::Guild];
    keys [["name"]];
    units [];
    columns {
        /// As the guild calls it.
        10 name: String = Default::Required => Merge::Guarded;
        /// Who leads it.
        11 squad_lead_id: Option<UserId> = Default::Null => Merge::Guarded;
    }
}
