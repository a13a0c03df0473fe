//! The scopes that a person of the sample holds: what the server's `sync.scopes_of` says, for a
//! trial that has no server to ask. A test holds the two together.

use super::Rows;
use guildhall_sync::id::UserId;
use guildhall_sync::model::desk::Assistant;
use guildhall_sync::model::mission::Section;
use guildhall_sync::model::people::{AccessLevel, Location, Rank, RankAccessLevel, Role, User, UserLocation};
use guildhall_sync::schema::Row;
use guildhall_sync::scope;
use std::collections::BTreeSet;

/// Nothing for somebody who is not there.
pub fn of(rows: &Rows, person: UserId) -> BTreeSet<String> {
    let Some(user) = list::<User>(rows).find(|user| user.id == person && user.is_active) else {
        return BTreeSet::new();
    };
    let mut scopes = BTreeSet::from([scope::PUBLIC.to_owned()]);
    if !user.role.is_of_the_guild() {
        return scopes;
    }
    scopes.extend([scope::GUILD.to_owned(), scope::user(person.0)]);
    let admits = |assistant: &Assistant| assistant.access_roles.contains(user.role.word());
    scopes.extend(list(rows).filter(admits).map(|assistant: Assistant| scope::assistant(assistant.id.0)));
    scopes.extend(user.role.works_at_the_desk().then(|| "desk".to_owned()));
    if user.role.leads() {
        scopes.insert(scope::MANAGERS.to_owned());
        scopes.extend(list::<Location>(rows).map(|location| scope::location(location.id.0)));
    } else if user.role.works_at_the_desk() {
        let own = list::<UserLocation>(rows).filter(|works| works.user_id == person);
        scopes.extend(own.map(|works| scope::location(works.location_id.0)));
    }
    scopes.extend((user.role == Role::Admin).then(|| "admins".to_owned()));
    scopes.extend(by_rank(rows, &user));
    scopes
}

/// What the person's rank opens; without one, what the lowest opens.
fn by_rank(rows: &Rows, user: &User) -> Vec<String> {
    let own = list::<Rank>(rows).find(|rank| Some(rank.id) == user.rank_id);
    let Some(own) = own.or_else(|| list::<Rank>(rows).min_by_key(|rank| rank.hierarchy_level)) else {
        return Vec::new();
    };
    let below = list::<Rank>(rows).filter(|rank| rank.hierarchy_level <= own.hierarchy_level);
    let below: Vec<String> = below.map(|rank| scope::rank(rank.id.0)).collect();
    let held: BTreeSet<_> = list::<RankAccessLevel>(rows)
        .filter(|held| held.rank_id == own.id)
        .map(|held| held.access_level_id)
        .collect();
    let actions: BTreeSet<String> = list::<AccessLevel>(rows)
        .filter(|level| held.contains(&level.id))
        .flat_map(|level| level.user_actions)
        .collect();
    let mut scopes = below.clone();
    for section in [Section::Tactical, Section::Classified] {
        if actions.contains(&format!("objective.read.{}", section.word())) {
            scopes.extend(below.iter().map(|parent| scope::section(section, parent)));
        }
    }
    scopes
}

fn list<R: Row>(rows: &Rows) -> impl Iterator<Item = R> {
    let found = rows.iter().find(|(table, _)| table.number == R::TABLE.number);
    found.into_iter().flat_map(|(_, rows)| rows).filter_map(|cells| R::from_cells(cells.clone()).ok())
}
