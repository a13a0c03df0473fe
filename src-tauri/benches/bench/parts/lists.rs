//! Lists as the window asks for them, a hundred lines at a time from anywhere: of 10,000 pages and
//! of 5,000 tickets, beside the bare select of their names in the same file.

use guildhall_local::pages::{self, Filter, Order, Wanted};
use guildhall_local::tickets::list;
use guildhall_local::{Connection, Store};
use guildhall_sync::model::desk::Ticket;
use guildhall_sync::model::knowledge::Sop;
use guildhall_sync::schema::Row;
use guildhall_sync::value::{Cells, Value};
use uuid::Uuid;

use crate::cells::{named, sop, stamped};
use crate::figure::{Figure, Goal};
use crate::measure::{Samples, timed};
use crate::random::Random;
use crate::work::Pages;
use crate::{mirror, new_folder};

pub const PAGES: usize = 10_000;
pub const TICKETS: usize = 5_000;
const LINES: usize = 100;
const LOOKS: usize = 60;
pub const ASSISTANT: Uuid = Uuid::from_u128(11);
const LOCATION: Uuid = Uuid::from_u128(12);
/// One picture of a screen.
const FRAME_MS: f64 = 16.7;

pub fn measure() -> anyhow::Result<Vec<Figure>> {
    let folder = new_folder()?;
    let store = mirror::create(folder.path())?;
    let work = Pages::list(PAGES);
    let rows: Vec<Cells> =
        work.iter().map(|page| sop(page.id, ASSISTANT, mirror::GUILD, &page.title, &page.body)).collect();
    mirror::receive(&store, Sop::TABLE, &rows)?;
    let tickets: Vec<Cells> = (0..TICKETS).map(|number| ticket(number, &work[number].title)).collect();
    mirror::receive(&store, Ticket::TABLE, &tickets)?;

    let of_pages = look(&store, PAGES, "sops", "title", |connection, offset| {
        let wanted = Wanted {
            assistant: None,
            folder: None,
            filter: Filter::All,
            order: Order::Path,
            text: "",
            offset,
            limit: LINES,
        };
        Ok(pages::list(connection, &wanted)?.lines.len())
    })?;
    let of_tickets = look(&store, TICKETS, "tickets", "opened_at desc", |connection, offset| {
        Ok(list::window(connection, &list::Filter::default(), offset, LINES)?.len())
    })?;
    Ok([figures("pages", PAGES, &of_pages), figures("tickets", TICKETS, &of_tickets)].concat())
}

pub fn ticket(number: usize, subject: &str) -> Cells {
    let opened = i64::try_from(number).unwrap_or_default() * 60_000_000;
    let cells = named(
        Ticket::TABLE,
        [
            ("local_ref", Value::text(format!("B-{number}"))),
            ("subject", Value::text(subject)),
            ("location_id", Value::Id(LOCATION)),
            ("opened_at", Value::Int(opened)),
        ],
    );
    stamped(cells, Uuid::from_u128(1_000_000 + number as u128), mirror::GUILD, opened)
}

/// Windows from random places: ours, and the bare one.
fn look(
    store: &Store,
    rows: usize,
    table: &str,
    order: &str,
    ours: impl Fn(&Connection, usize) -> guildhall_local::Result<usize>,
) -> anyhow::Result<(Samples, Samples)> {
    let column = if table == "sops" { "title" } else { "subject" };
    let bare = format!(
        "select id, {column} from {table} where deleted_at is null order by {order} limit ? offset ?"
    );
    let (mut with, mut without) = <(Samples, Samples)>::default();
    let mut random = Random::new(9);
    for _ in 0..LOOKS {
        let offset = random.below(rows - LINES);
        let (lines, took) = timed(|| Ok(store.read(|connection| ours(connection, offset))?))?;
        anyhow::ensure!(lines == LINES, "{lines} lines of {table}");
        with.add(took);
        let read = |connection: &Connection| {
            let mut select = connection.prepare_cached(&bare)?;
            let names = select.query_map((LINES as i64, offset as i64), |row| row.get::<_, String>(1))?;
            Ok(names.collect::<Result<Vec<_>, _>>()?.len())
        };
        without.add(timed(|| Ok(store.read(read)?))?.1);
    }
    Ok((with, without))
}

fn figures(name: &str, rows: usize, (with, without): &(Samples, Samples)) -> Vec<Figure> {
    let figure = |part: f64, word: &str| {
        Figure::new(format!("{LINES} lines of {rows} {name}, {word}"), with.milliseconds_at(part), "ms")
            .beside(format!("their names, bare, {word}"), without.milliseconds_at(part))
    };
    vec![figure(0.5, "p50"), figure(0.95, "p95").goal(Goal::AtMost(2.0 * FRAME_MS))]
}
