//! Strategy: what managers know of others.

use crate::id::CompetitorId;
use crate::schema::Scope;
use crate::value::{Hundredths, Json, Markdown};
use crate::{synced_table, text_enum};
use std::collections::BTreeSet;

text_enum! {
    /// How near a competitor stands.
    CompetitorCategory { Direct = "direct", Indirect = "indirect", Potential = "potential" }
}

synced_table! {
    /// Somebody whom customers could go to instead.
    pub struct Competitor(CompetitorId) in "competitors" number 20;
    rows Edited;
    scopes [Scope::Managers];
    keys [["name"]];
    units [];
    columns {
        /// As the town calls it.
        10 name: String = Default::Required => Merge::Guarded, searched;
        /// How near it stands.
        11 category: CompetitorCategory = Default::Text("direct") => Merge::Guarded;
        /// Its prices, by name.
        12 pricing: Json = Default::EmptyObject => Merge::Json;
        /// Its places, by name.
        13 locations: Json = Default::EmptyObject => Merge::Json;
        /// What it offers.
        14 services: BTreeSet<String> = Default::EmptySet => Merge::Set;
        /// What it does well.
        15 strengths: Markdown = Default::Text("") => Merge::Text, searched;
        /// What it does badly.
        16 weaknesses: Markdown = Default::Text("") => Merge::Text, searched;
        /// Its part of the market, in per cent.
        17 market_share: Option<Hundredths> = Default::Null => Merge::Guarded;
    }
}
