//! Who may write what, as examples that a guild would give.

use guildhall_sync::id::{GuildId, UserId};
use guildhall_sync::model::people::{DeskEdits, Role};
use guildhall_sync::model::{TABLES, find_table};
use guildhall_sync::permission::{Forbidden, Principal, Related, may_write, related_rows};
use guildhall_sync::schema::{Rows, Table, common};
use guildhall_sync::scope;
use guildhall_sync::value::{Cells, Value};
use uuid::Uuid;

const GUILD: Uuid = Uuid::from_u128(1);
const ME: Uuid = Uuid::from_u128(2);
const OTHER: Uuid = Uuid::from_u128(3);
const PLACE: Uuid = Uuid::from_u128(4);
const BOOKING: Uuid = Uuid::from_u128(5);
const EMERGENCY: Uuid = Uuid::from_u128(6);
const LOW_RANK: Uuid = Uuid::from_u128(7);
const MY_RANK: Uuid = Uuid::from_u128(8);
const MISSION: Uuid = Uuid::from_u128(9);
const BOSS: Uuid = Uuid::from_u128(10);
const TICKET: Uuid = Uuid::from_u128(11);
const FAR_TICKET: Uuid = Uuid::from_u128(12);

fn person(role: Role, actions: &[&str]) -> Principal {
    let mut scopes = vec![scope::PUBLIC.to_owned(), scope::GUILD.to_owned(), scope::user(ME)];
    scopes.extend([scope::location(PLACE), scope::assistant(BOOKING), scope::assistant(EMERGENCY)]);
    scopes.extend([
        scope::rank(LOW_RANK),
        scope::rank(MY_RANK),
        format!("tactical/{}", scope::rank(LOW_RANK)),
    ]);
    scopes.extend(role.leads().then(|| scope::MANAGERS.to_owned()));
    Principal {
        user: UserId(ME),
        guild: GuildId(GUILD),
        role,
        rank_level: Some(5),
        actions: actions.iter().map(|&action| action.to_owned()).collect(),
        scopes: scopes.into_iter().collect(),
        desk_edits: DeskEdits::Direct,
    }
}

fn table(name: &str) -> &'static Table {
    find_table(name).expect("the table is one of the registry")
}

fn row(table: &Table, values: &[(&str, Value)]) -> Cells {
    let number = |name: &str| table.column(name).expect("the column is one of the table").number;
    let own = values.iter().map(|(name, value)| (number(name), value.clone()));
    let common = [(common::ID, Value::Id(OTHER)), (common::GUILD_ID, Value::Id(GUILD))];
    own.chain(common).collect()
}

/// The rows of the guild that rules look at.
fn related() -> Related {
    let rank = |level| row(table("ranks"), &[("hierarchy_level", Value::Int(level))]);
    let user = |role: &str| row(table("users"), &[("role", Value::text(role))]);
    let assistant = |slug: &str| {
        let roles = ["operator", "support"].map(str::to_owned).into();
        row(table("assistants"), &[("slug", Value::text(slug)), ("access_roles", Value::Set(roles))])
    };
    Related::from([
        (("ranks", LOW_RANK), rank(1)),
        (("ranks", MY_RANK), rank(5)),
        (("users", OTHER), user("member")),
        (("users", BOSS), user("manager")),
        (("assistants", BOOKING), assistant("booking")),
        (("assistants", EMERGENCY), assistant("emergency")),
        (("tickets", TICKET), row(table("tickets"), &[("location_id", Value::Id(PLACE))])),
        (("tickets", FAR_TICKET), row(table("tickets"), &[("location_id", Value::Id(OTHER))])),
        (("objectives", MISSION), row(table("objectives"), &[("rank_id", Value::Id(LOW_RANK))])),
    ])
}

fn write(
    who: &Principal,
    name: &str,
    before: Option<&[(&str, Value)]>,
    after: &[(&str, Value)],
) -> Result<(), Forbidden> {
    let table = table(name);
    let before = before.map(|values| row(table, values));
    let after = row(table, after);
    let mut known = related();
    let needed = related_rows(table, before.as_ref(), &after);
    known.retain(|key, _| needed.contains(key));
    may_write(who, table, before.as_ref(), &after, &known)
}

fn may(who: &Principal, name: &str, before: Option<&[(&str, Value)]>, after: &[(&str, Value)]) -> bool {
    write(who, name, before, after).is_ok()
}

const ROLES: [Role; 7] =
    [Role::Admin, Role::Manager, Role::Operator, Role::Support, Role::Member, Role::Kiosk, Role::Customer];

/// Which roles may make such a row, without any action.
fn makers(name: &str, values: &[(&str, Value)]) -> Vec<Role> {
    ROLES.into_iter().filter(|role| may(&person(*role, &[]), name, None, values)).collect()
}

#[test]
fn roles_make_what_is_theirs() {
    use Role::{Admin, Manager, Member, Operator, Support};
    let id = Value::Id;
    let page =
        |assistant, sensitivity| [("assistant_id", id(assistant)), ("sensitivity", Value::text(sensitivity))];
    assert_eq!(makers("locations", &[]), [Admin]);
    assert_eq!(makers("assistants", &[]), [Admin]);
    assert_eq!(makers("squads", &[]), [Admin]);
    assert_eq!(makers("ranks", &[("hierarchy_level", Value::Int(9))]), [Admin]);
    assert_eq!(makers("users", &[("role", Value::text("operator"))]), [Admin]);
    assert_eq!(makers("user_contacts", &[("user_id", id(OTHER))]), [Admin]);
    assert_eq!(makers("user_locations", &[("user_id", id(OTHER))]), [Admin]);
    assert_eq!(makers("public_info", &[]), [Admin, Manager]);
    assert_eq!(makers("competitors", &[]), [Admin, Manager]);
    assert_eq!(makers("tickets", &[("location_id", id(PLACE))]), [Admin, Manager, Operator, Support]);
    assert_eq!(makers("tickets", &[("location_id", id(OTHER))]), []);
    assert_eq!(makers("sops", &page(BOOKING, "internal")), [Admin, Manager, Operator, Support]);
    assert_eq!(makers("sops", &page(BOOKING, "public")), [Admin, Manager]);
    assert_eq!(makers("knowledge_items", &page(EMERGENCY, "internal")), [Admin, Manager]);
    assert_eq!(makers("sop_reads", &[("user_id", id(ME))]), [Admin, Manager, Operator, Support, Member]);
    assert_eq!(makers("sop_reads", &[("user_id", id(OTHER))]), []);
    assert_eq!(makers("objectives", &[("rank_id", id(LOW_RANK))]), [Admin]);
}

#[test]
fn tables_of_the_server_are_written_by_nobody() {
    for table in TABLES.iter().filter(|table| table.rows != Rows::Edited) {
        let answer = write(&person(Role::Admin, &[]), table.name, None, &[]);
        assert_eq!(answer, Err(Forbidden::ServerDecides { table: table.name }));
    }
}

#[test]
fn nobody_writes_into_another_guild() {
    let mut stranger = person(Role::Admin, &[]);
    stranger.guild = GuildId(OTHER);
    assert_eq!(write(&stranger, "squads", None, &[]), Err(Forbidden::OutOfSight));
}

#[test]
fn under_proposals_the_desk_changes_no_page() {
    let page: &[(&str, Value)] = &[("assistant_id", Value::Id(BOOKING))];
    let mut clerk = person(Role::Operator, &[]);
    assert!(may(&clerk, "sops", Some(page), page));
    clerk.desk_edits = DeskEdits::Propose;
    assert!(!may(&clerk, "sops", Some(page), page));
}

#[test]
fn a_page_is_judged_where_it_was_and_where_it_goes() {
    let at = |assistant| vec![("assistant_id", Value::Id(assistant))];
    let clerk = person(Role::Support, &[]);
    let manager = person(Role::Manager, &[]);
    for (from, to) in [(BOOKING, EMERGENCY), (EMERGENCY, BOOKING)] {
        assert!(!may(&clerk, "sops", Some(&at(from)), &at(to)));
        assert!(may(&manager, "sops", Some(&at(from)), &at(to)));
    }
    assert_eq!(write(&manager, "sops", Some(&at(OTHER)), &at(BOOKING)), Err(Forbidden::OutOfSight));
    assert_eq!(write(&manager, "sops", Some(&at(BOOKING)), &at(OTHER)), Err(Forbidden::OutOfReach));
}

#[test]
fn a_public_page_stays_with_managers_even_for_one_who_reads_it_as_the_public() {
    let public: &[(&str, Value)] =
        &[("assistant_id", Value::Id(BOOKING)), ("sensitivity", Value::text("public"))];
    let internal: &[(&str, Value)] = &[("assistant_id", Value::Id(BOOKING))];
    let clerk = person(Role::Operator, &[]);
    assert!(!may(&clerk, "sops", Some(public), internal));
    assert!(!may(&clerk, "sops", Some(internal), public));
}

#[test]
fn one_edits_how_one_is_called_and_never_how_one_stands() {
    let me = |column: &'static str, value| {
        vec![("id", Value::Id(ME)), ("role", Value::text("member")), (column, value)]
    };
    let before = me("name", Value::Null);
    for (column, value) in
        [("phonetic", Value::text("mee")), ("preferences", Value::Set(["tea".to_owned()].into()))]
    {
        assert!(may(&person(Role::Member, &[]), "users", Some(&before), &me(column, value)));
    }
    let everything = ["user.manage", "rank.manage", "squad.manage"];
    for role in [Role::Member, Role::Admin] {
        for (column, value) in [
            ("rank_id", Value::Id(LOW_RANK)),
            ("is_active", Value::bool(false)),
            ("deleted_at", Value::Int(1)),
        ] {
            let answer = write(&person(role, &everything), "users", Some(&before), &me(column, value));
            assert_eq!(answer, Err(Forbidden::OwnStanding), "{column}");
        }
        let promoted = [("id", Value::Id(ME)), ("role", Value::text("admin"))];
        let answer = write(&person(role, &everything), "users", Some(&before), &promoted);
        assert_eq!(answer, Err(Forbidden::OwnStanding));
    }
}

#[test]
fn leaders_manage_those_below_them() {
    let other = |role: &'static str, rank| vec![("role", Value::text(role)), ("rank_id", rank)];
    let before = other("member", Value::Null);
    let leader = person(Role::Member, &["rank.manage", "user.manage"]);
    assert!(may(&leader, "users", Some(&before), &other("member", Value::Id(LOW_RANK))));
    assert_eq!(
        write(&leader, "users", Some(&before), &other("member", Value::Id(MY_RANK))),
        Err(Forbidden::NotBelowOwnRank)
    );
    assert!(!may(&leader, "users", Some(&before), &other("operator", Value::Null)));
    assert!(may(&leader, "users", None, &before));
    assert!(!may(&leader, "users", None, &other("support", Value::Null)));
    let renamed = [("role", Value::text("manager")), ("name", Value::text("Ada"))];
    assert!(!may(&leader, "users", Some(&other("manager", Value::Null)), &renamed));
    assert!(!may(&person(Role::Member, &[]), "users", Some(&before), &other("member", Value::Id(LOW_RANK))));
}

#[test]
fn a_rank_is_not_lifted_from_below() {
    let level = |level| vec![("hierarchy_level", Value::Int(level))];
    let leader = person(Role::Member, &["rank.manage"]);
    assert!(may(&leader, "ranks", Some(&level(1)), &level(4)));
    assert!(!may(&leader, "ranks", Some(&level(1)), &level(5)));
    assert!(!may(&leader, "ranks", Some(&level(9)), &level(2)));
    assert!(!may(&leader, "ranks", None, &level(6)));
    let admin = person(Role::Admin, &[]);
    assert!(may(&admin, "ranks", Some(&level(9)), &level(2)));
    assert_eq!(write(&admin, "ranks", Some(&level(5)), &level(6)), Err(Forbidden::OwnStanding));
}

#[test]
fn contacts_of_leaders_and_ones_own_workplace_are_for_admins() {
    let of = |user| vec![("user_id", Value::Id(user)), ("location_id", Value::Id(PLACE))];
    let manager = person(Role::Manager, &["user.manage"]);
    assert!(may(&manager, "user_contacts", None, &of(OTHER)[..1]));
    assert!(!may(&manager, "user_contacts", None, &of(BOSS)[..1]));
    assert!(may(&manager, "user_locations", None, &of(OTHER)));
    assert!(!may(&manager, "user_locations", None, &of(ME)));
    assert!(may(&person(Role::Admin, &[]), "user_locations", None, &of(ME)));
}

#[test]
fn objectives_follow_actions_within_ones_rank() {
    let at = |rank| vec![("rank_id", Value::Id(rank))];
    let with = |actions: &[&str]| person(Role::Member, actions);
    assert!(may(&with(&["objective.create"]), "objectives", None, &at(MY_RANK)));
    assert!(!may(&with(&["objective.create"]), "objectives", None, &at(OTHER)));
    assert!(!may(&person(Role::Admin, &[]), "objectives", None, &at(OTHER)));
    assert!(may(&with(&["objective.edit"]), "objectives", Some(&at(LOW_RANK)), &at(MY_RANK)));
    assert!(!may(&with(&["objective.create"]), "objectives", Some(&at(LOW_RANK)), &at(MY_RANK)));
    let mut gone = at(LOW_RANK);
    gone.push(("deleted_at", Value::Int(1)));
    assert!(!may(&with(&["objective.edit"]), "objectives", Some(&at(LOW_RANK)), &gone));
    assert!(may(&with(&["objective.delete"]), "objectives", Some(&at(LOW_RANK)), &gone));
}

#[test]
fn a_section_is_written_by_those_who_read_it_whatever_scope_it_claims() {
    let section = |word: &'static str, of| {
        let claim = ("scope_key", Value::text(scope::rank(LOW_RANK)));
        [("objective_id", Value::Id(of)), ("section", Value::text(word)), claim]
    };
    let leader = person(Role::Member, &["objective.edit"]);
    assert!(may(&leader, "objective_sections", None, &section("brief", MISSION)));
    assert!(may(&leader, "objective_sections", None, &section("tactical", MISSION)));
    assert!(!may(&leader, "objective_sections", None, &section("classified", MISSION)));
    assert!(!may(&leader, "objective_sections", None, &section("brief", OTHER)));
    assert!(!may(&person(Role::Member, &[]), "objective_sections", None, &section("brief", MISSION)));
}

#[test]
fn the_desk_writes_down_what_was_said_and_nobody_speaks_for_a_colleague() {
    let said = |of, kind: &'static str, by: Option<Uuid>| {
        let author = by.map_or(Value::Null, Value::Id);
        [("ticket_id", Value::Id(of)), ("author_kind", Value::text(kind)), ("author_id", author)]
    };
    let desk = [Role::Admin, Role::Manager, Role::Operator, Role::Support];
    assert_eq!(makers("ticket_messages", &said(TICKET, "staff", Some(ME))), desk);
    assert_eq!(makers("ticket_messages", &said(TICKET, "customer", None)), desk);
    for (of, kind, by) in [
        (TICKET, "staff", Some(OTHER)),
        (TICKET, "staff", None),
        (TICKET, "customer", Some(ME)),
        (FAR_TICKET, "staff", Some(ME)),
    ] {
        assert_eq!(makers("ticket_messages", &said(of, kind, by)), [], "{kind} {by:?}");
    }
}

#[test]
fn what_was_said_stays_unless_a_leader_takes_it_away() {
    let said = [("ticket_id", Value::Id(TICKET)), ("author_kind", Value::text("customer"))];
    let mut gone = said.to_vec();
    gone.push(("deleted_at", Value::Int(1)));
    assert!(!may(&person(Role::Operator, &[]), "ticket_messages", Some(&said), &gone));
    assert!(may(&person(Role::Manager, &[]), "ticket_messages", Some(&said), &gone));
}

#[test]
fn the_answers_of_a_ticket_are_given_by_those_who_read_it() {
    let answer = |of| [("ticket_id", Value::Id(of)), ("scope_key", Value::text(scope::location(PLACE)))];
    let desk = [Role::Admin, Role::Manager, Role::Operator, Role::Support];
    assert_eq!(makers("ticket_resolutions", &answer(TICKET)), desk);
    assert_eq!(makers("ticket_resolutions", &answer(FAR_TICKET)), []);
    let mut gone = answer(TICKET).to_vec();
    gone.push(("deleted_at", Value::Int(1)));
    assert!(may(&person(Role::Support, &[]), "ticket_resolutions", Some(&answer(TICKET)), &gone));
}

#[test]
fn strategy_needs_its_scope_too() {
    assert!(!may(&person(Role::Member, &["strategy.edit"]), "competitors", None, &[]));
    let mut planner = person(Role::Member, &["strategy.edit"]);
    planner.scopes.insert(scope::MANAGERS.to_owned());
    assert!(may(&planner, "competitors", None, &[]));
}
