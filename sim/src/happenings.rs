//! What happens without a device's doing: people edit, somebody writes in psql, rights change,
//! rows fall out of their window, the log is trimmed, servers crash, laptops die, go out of reach
//! or get another time.

use crate::log::Checked;
use crate::network::Event;
use crate::oddities::Oddity;
use crate::people::{add_row, pick_row};
use crate::random::Random;
use crate::server::{By, Durability, Guild, Key, Row};
use crate::values::{Values, is_changeable};
use crate::world::{World, YEAR};
use guildhall_sync::model::TABLES;
use guildhall_sync::model::people::Role;
use guildhall_sync::schema::{Rows, Table, common};
use guildhall_sync::validate::validate;
use guildhall_sync::value::{Cells, Value};
use std::rc::Rc;
use std::sync::atomic::Ordering;
use uuid::Uuid;

#[derive(Clone, Copy, Debug)]
pub enum Happening {
    /// Somebody writes on a device.
    Edit {
        device: usize,
    },
    /// Somebody writes in the database.
    Raw {
        guild: usize,
    },
    Rights {
        guild: usize,
    },
    Removal {
        guild: usize,
    },
    Window {
        guild: usize,
    },
    Trim {
        guild: usize,
    },
    Crash {
        guild: usize,
    },
    Death {
        device: usize,
    },
    Offline {
        device: usize,
    },
    ClockJump {
        device: usize,
    },
    DiskFull {
        device: usize,
    },
    /// A laptop gets a newer program.
    Update {
        device: usize,
    },
    /// Somebody keeps a copy of the file.
    Backup {
        device: usize,
    },
    /// A copy of the file takes its place.
    Restore {
        device: usize,
    },
    /// A copy of the file goes on with on another laptop.
    Clone {
        device: usize,
    },
}

/// Tables that only the server writes, and that somebody may write in the database all the same.
const SETTINGS: [&str; 3] = ["access_levels", "rank_access_levels", "guilds"];
const DAY: i64 = 86_400 * 1_000_000;

/// Puts happenings into the time between now and so much later.
pub fn plan(world: &mut World, span: i64) {
    for device in 0..world.devices.len() {
        let edits = 3 + world.random.below(10);
        several(world, edits, span, Happening::Edit { device });
        let offline = world.random.below(3);
        several(world, offline, span, Happening::Offline { device });
        let deaths = usize::from(world.random.one_in(3));
        several(world, deaths, span, Happening::Death { device });
        let jumps = usize::from(world.random.one_in(5));
        several(world, jumps, span, Happening::ClockJump { device });
        let full = usize::from(world.random.one_in(6));
        several(world, full, span, Happening::DiskFull { device });
        if world.devices[device].schema.is_some() {
            several(world, 1, span, Happening::Update { device });
        }
        if world.random.one_in(5) {
            several(world, 1, span / 2, Happening::Backup { device });
            several(world, 1, span, Happening::Restore { device });
        }
        let clones = usize::from(world.random.one_in(10));
        several(world, clones, span, Happening::Clone { device });
    }
    for guild in 0..world.guilds.len() {
        // What nobody looks at need not happen often.
        let watched = world.devices.iter().filter(|device| device.guild == guild).count();
        if watched == 0 {
            continue;
        }
        let most = [
            (12, Happening::Raw { guild }),
            (5, Happening::Rights { guild }),
            (3, Happening::Removal { guild }),
        ];
        let rest = [
            (3, Happening::Window { guild }),
            (2, Happening::Trim { guild }),
            (2, Happening::Crash { guild }),
        ];
        for (most, happening) in most.into_iter().chain(rest) {
            let count = world.random.below(most + 1);
            several(world, count, span, happening);
        }
    }
}

fn several(world: &mut World, count: usize, span: i64, happening: Happening) {
    for _ in 0..count {
        world.later(1_000_000, span - 1, Event::Happening(happening));
    }
}

impl World {
    pub fn let_happen(&mut self, happening: Happening) -> Checked {
        match happening {
            Happening::Edit { device } => return self.edit(device),
            Happening::Raw { guild } => self.transact(guild, raw),
            Happening::Rights { guild } => self.change_rights(guild),
            Happening::Removal { guild } => self.transact(guild, remove),
            Happening::Window { guild } => self.transact(guild, move_window),
            Happening::Trim { guild } => self.trim(guild),
            Happening::Crash { guild } => return self.crash_server(guild),
            Happening::Death { device } => {
                if self.devices[device].store.is_some() {
                    return self.die(device);
                }
            }
            Happening::Offline { device } => {
                let seconds = self.random.between(5, 120);
                self.devices[device].offline_until = self.now() + seconds * 1_000_000;
                let life = self.devices[device].life;
                self.note(format_args!("D{device} is offline for {seconds}s"));
                self.later(0, 1_000_000, Event::CloseLive { device, life });
            }
            Happening::ClockJump { device } => {
                let skew = self.random.between(-3_650, 3_650) * DAY;
                self.devices[device].laptop.skew.store(skew, Ordering::Relaxed);
                if skew.abs() >= YEAR {
                    self.had.insert(Oddity::WrongClock);
                }
                self.note(format_args!("the clock of D{device} jumps to {}d", skew / DAY));
            }
            Happening::DiskFull { device } => self.fill_disk(device),
            Happening::Update { device } => {
                self.note(format_args!("D{device} gets a newer program"));
                self.devices[device].schema = None;
                if self.devices[device].store.is_some() {
                    return self.die(device);
                }
            }
            Happening::Backup { device } => return self.back_up(device),
            Happening::Restore { device } => return self.restore(device),
            Happening::Clone { device } => return self.clone_device(device),
        }
        Ok(())
    }

    /// A transaction of somebody who is not a device.
    fn transact(&mut self, at: usize, write: fn(&mut Writing<'_>) -> String) {
        let by = By { user: None, entry: None, now: self.now() };
        let is_late = self.random.per_mille(self.weather.unflushed);
        let before = is_late.then(|| self.guilds[at].clone());
        let twins = self.twins[at];
        let (guild, random, markers) = (&mut self.guilds[at], &mut self.random, &mut self.markers);
        let line = write(&mut Writing { guild, random, markers, twins, hot: &self.hot[at], by });
        let durability = if is_late { Durability::Later } else { Durability::OnDisk };
        self.guilds[at].commit(durability, before);
        self.note(format_args!("server {at}: {line}"));
        if !is_late || !self.random.one_in(2) {
            return self.expect_seal(at);
        }
        // Nobody numbers it for a while, somebody asks, and then the power fails.
        self.later(2_000_000, 4_000_000, Event::Seal { guild: at });
        self.later(300_000, 1_900_000, Event::Happening(Happening::Crash { guild: at }));
        let listeners: Vec<usize> =
            (0..self.devices.len()).filter(|device| self.devices[*device].guild == at).collect();
        if let Some(device) = self.random.pick(&listeners).copied() {
            let life = self.devices[device].life;
            self.later(1_000, 300_000, Event::Hint { device, life });
        }
    }

    /// Of somebody who has a device, mostly.
    fn change_rights(&mut self, at: usize) {
        let owners: Vec<Uuid> =
            self.devices.iter().filter(|device| device.guild == at).map(|device| device.user).collect();
        let owner = self.random.pick(&owners).copied();
        let by = By { user: None, entry: None, now: self.now() };
        if let Some(owner) = owner {
            let (guild, random) = (&mut self.guilds[at], &mut self.random);
            let line = change_rights_of(guild, random, owner, by);
            guild.commit(Durability::OnDisk, None);
            self.note(format_args!("server {at}: {line}"));
            self.expect_seal(at);
        }
    }

    fn trim(&mut self, at: usize) {
        let last = i64::try_from(self.guilds[at].last_no).unwrap_or(i64::MAX);
        let up_to = self.random.between(0, last).unsigned_abs();
        self.guilds[at].trim(up_to);
        self.note(format_args!("server {at}: log kept from {}", up_to + 1));
    }
}

struct Writing<'a> {
    guild: &'a mut Guild,
    random: &'a mut Random,
    markers: &'a mut u64,
    twins: [Uuid; 2],
    hot: &'a [Key],
    by: By,
}

/// A few rows, changed or added, in one commit.
fn raw(writing: &mut Writing<'_>) -> String {
    if writing.random.one_in(4) {
        return raw_twins(writing);
    }
    let mut lines = Vec::new();
    for _ in 0..writing.random.below(3) {
        let Some(key) = writing.random.pick(writing.hot).copied() else { break };
        let changed = raw_change_of(writing, crate::server::table_of(key), key.1);
        lines.extend(changed.map(|key| crate::server::table_of(key).name.to_owned()));
    }
    for _ in 0..writing.random.below(3) {
        let tables: Vec<&'static Table> = TABLES
            .iter()
            .copied()
            .filter(|table| table.rows == Rows::Edited || SETTINGS.contains(&table.name))
            .collect();
        let table = *writing.random.pick(&tables).expect("there are tables");
        let is_new = writing.random.one_in(3) && table.rows == Rows::Edited && table.name != "users";
        let Writing { guild, random, markers, by, .. } = writing;
        if is_new {
            let added = add_row(guild, table, random, markers, *by);
            lines.extend(added.map(|_| format!("+{}", table.name)));
        } else if let Some(key) = raw_change(writing, table) {
            lines.push(format!("{} {}", table.name, key.1.as_simple()));
        }
    }
    lines.join(", ")
}

fn raw_change(writing: &mut Writing<'_>, table: &'static Table) -> Option<Key> {
    let id = pick_row(writing.guild, table.name, writing.random)?;
    raw_change_of(writing, table, id)
}

fn raw_change_of(writing: &mut Writing<'_>, table: &'static Table, id: Uuid) -> Option<Key> {
    let Writing { guild, random, markers, twins, by, .. } = writing;
    let row = Rc::clone(guild.find(table.name, id)?);
    let mut changes = {
        let rows = |name: &str, random: &mut Random| pick_row(guild, name, random);
        Values { random, markers, rows: &rows }.changes(table, &row.cells, is_changeable)
    };
    let is_twin = twins.contains(&id);
    keep_apart(table, &mut changes, is_twin);
    if table.rows == Rows::Edited && !is_twin && table.name != "users" && random.one_in(8) {
        let deleted = if row.is_deleted() { Value::Null } else { Value::Int(by.now) };
        changes.set(common::DELETED_AT, deleted);
    }
    write_over(guild, &row, &changes, *by).then_some((table.number, id))
}

/// What must not change by chance: who may sign in, and what twins have together.
pub fn keep_apart(table: &Table, changes: &mut Cells, is_twin: bool) {
    let fixed: &[&str] = match table.name {
        "users" => &["is_active", "role"],
        "locations" if is_twin => &["timezone"],
        _ => &[],
    };
    for name in fixed {
        changes.remove(table.column(name).expect("a column of the table").number);
    }
}

/// False where the row would not be legal.
fn write_over(guild: &mut Guild, row: &Row, changes: &Cells, by: By) -> bool {
    let mut cells = row.cells.clone();
    changes.iter().for_each(|(number, value)| cells.set(number, value.clone()));
    let is_legal = validate(row.table, &cells).is_ok() && !guild.would_clash(row.table, &cells);
    if is_legal {
        guild.put(row.table, cells, by);
    }
    is_legal
}

fn raw_twins(writing: &mut Writing<'_>) -> String {
    let rows = |name: &str, random: &mut Random| pick_row(writing.guild, name, random);
    let zone =
        format!("Zone/{}", Values { random: writing.random, markers: writing.markers, rows: &rows }.marker());
    for twin in writing.twins {
        let Some(row) = writing.guild.find("locations", twin).cloned() else { continue };
        let column = row.table.column("timezone").expect("a column of the table").number;
        write_over(writing.guild, &row, &Cells::from_iter([(column, Value::text(&zone))]), writing.by);
    }
    format!("twins {zone}")
}

/// A row that nothing refers to is removed by a job.
fn remove(writing: &mut Writing<'_>) -> String {
    if writing.random.one_in(3) {
        return bring_back(writing);
    }
    const KEPT: [&str; 4] = ["users", "locations", "guilds", "ranks"];
    let is_open = |row: &&Rc<Row>| !KEPT.contains(&row.table.name) && row.table.rows == Rows::Edited;
    let keys: Vec<Key> = writing.guild.rows.values().filter(is_open).map(|row| row.key()).collect();
    let Some(key) = writing.random.pick(&keys).copied() else { return "nothing to remove".to_owned() };
    let name = crate::server::table_of(key).name;
    if writing.guild.remove(key, writing.by) { format!("-{name}") } else { format!("{name} is needed") }
}

/// A row that was removed comes back under its id, because somebody wants it so.
fn bring_back(writing: &mut Writing<'_>) -> String {
    let Writing { guild, random, markers, by, .. } = writing;
    let gone: Vec<Key> = guild.tombs.keys().copied().filter(|key| guild.row(*key).is_none()).collect();
    let Some(key) = random.pick(&gone).copied() else { return "nothing to bring back".to_owned() };
    let table = crate::server::table_of(key);
    let cells = {
        let rows = |name: &str, random: &mut Random| pick_row(guild, name, random);
        Values { random, markers, rows: &rows }.row(table, None, false)
    };
    let Some(mut cells) = cells.filter(|cells| !guild.would_clash(table, cells)) else {
        return "it cannot come back".to_owned();
    };
    cells.set(common::ID, Value::Id(key.1));
    guild.brought_back.insert(key);
    guild.put(table, cells, *by);
    format!("{} comes back", table.name)
}

/// A version falls out of what devices hold, or comes back.
fn move_window(writing: &mut Writing<'_>) -> String {
    let versions: Vec<Rc<Row>> = writing
        .guild
        .rows_of("sop_versions")
        .chain(writing.guild.rows_of("knowledge_versions"))
        .cloned()
        .collect();
    let Some(row) = writing.random.pick(&versions) else { return "no version".to_owned() };
    let column = row.table.column("on_devices").expect("a column of the table");
    let is_in = column.value_in(&row.cells).as_int() == Some(1);
    write_over(writing.guild, row, &Cells::from_iter([(column.number, Value::bool(!is_in))]), writing.by);
    format!("a version {} its window", if is_in { "leaves" } else { "enters" })
}

fn change_rights_of(guild: &mut Guild, random: &mut Random, user: Uuid, by: By) -> String {
    let Some(row) = guild.find("users", user).cloned() else { return "nobody".to_owned() };
    let number = |name: &str| row.table.column(name).expect("a column of the table").number;
    match random.below(4) {
        0 => {
            let word = *random.pick(Role::WORDS).expect("there are roles");
            write_over(guild, &row, &Cells::from_iter([(number("role"), Value::text(word))]), by);
            format!("{} becomes {word}", row.text("name"))
        }
        1 => {
            let rank = pick_row(guild, "ranks", random).map_or(Value::Null, Value::Id);
            write_over(guild, &row, &Cells::from_iter([(number("rank_id"), rank)]), by);
            format!("{} gets another rank", row.text("name"))
        }
        2 => {
            let Some(assistant) = pick_row(guild, "assistants", random) else {
                return "no assistant".to_owned();
            };
            let assistant = Rc::clone(guild.find("assistants", assistant).expect("it was picked"));
            let roles = assistant.table.column("access_roles").expect("a column of the table");
            let mut words = roles.value_in(&assistant.cells).as_set().cloned().unwrap_or_default();
            let role = row.text("role");
            if !words.remove(&role) {
                words.insert(role.clone());
            }
            write_over(guild, &assistant, &Cells::from_iter([(roles.number, Value::Set(words))]), by);
            format!("{role} is let to or from {}", assistant.text("name"))
        }
        _ => change_workplace(guild, random, user, by),
    }
}

fn change_workplace(guild: &mut Guild, random: &mut Random, user: Uuid, by: By) -> String {
    let own = guild.rows_of("user_locations").find(|row| row.link("user_id") == Some(user)).cloned();
    if let Some(row) = own {
        let deleted = if row.is_deleted() { Value::Null } else { Value::Int(by.now) };
        write_over(guild, &row, &Cells::from_iter([(common::DELETED_AT, deleted)]), by);
        return "a workplace goes or comes back".to_owned();
    }
    let table = guildhall_sync::model::find_table("user_locations").expect("a table of the registry");
    let number = |name: &str| table.column(name).expect("a column of the table").number;
    let place = pick_row(guild, "locations", random).map_or(Value::Null, Value::Id);
    let row = [(number("user_id"), Value::Id(user)), (number("location_id"), place)];
    let mut cells = Cells::from_iter(row);
    cells.set(common::ID, Value::Id(random.id()));
    guild.put(table, cells, by);
    "a new workplace".to_owned()
}
