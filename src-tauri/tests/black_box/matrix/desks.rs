//! Some people at their laptops: each writes and syncs with the program, in processes of its own,
//! over a network of its own. What the program acknowledged is remembered.

use crate::equality::demand_equal;
use crate::house::House;
use crate::house::chance::Chance;
use crate::house::database::{CLERKS, Template};
use crate::house::device::Device;
use crate::house::program::Said;
use crate::house::proxy::Proxy;
use crate::house::server::Server;
use guildhall_local::quarantine;
use guildhall_local::store::state;
use std::process::Child;

/// A page with a place for each of them.
const SHARED: &str = "general/board";
/// Syncs within which everything must be everywhere once nothing goes wrong any more.
const MOST_ROUNDS: usize = 5;

pub struct Desk {
    pub device: Device,
    pub proxy: Proxy,
    name: &'static str,
    /// A running `sync --watch`.
    pub watching: Option<Child>,
    edits: usize,
    has_own_page: bool,
    line: String,
}

pub struct Desks {
    pub house: House,
    pub desks: Vec<Desk>,
    pub chance: Chance,
    /// Words that the program said are stored, and on which page.
    acknowledged: Vec<(String, String)>,
    /// Words of which nothing was said.
    attempted: Vec<String>,
}

impl Desks {
    pub async fn open(seed: u64) -> Self {
        let mut chance = Chance::new(seed);
        let house = House::open(Template::Small).await;
        let mut desks = Vec::new();
        for name in &CLERKS[..chance.pick(&[2, 3])] {
            let proxy = Proxy::to(house.server.address).await;
            let device = Device::sign_in(&proxy.url(), name).await;
            let line = format!("Here writes {name}.");
            desks.push(Desk { device, proxy, name, watching: None, edits: 0, has_own_page: false, line });
        }
        let board: Vec<&str> = desks.iter().map(|desk| desk.line.as_str()).collect();
        let board = board.join("\n\nA paragraph between two people, which nobody changes.\n\n");
        let new = ["sop", "new", SHARED, "--title", "Board", "--file", "-"];
        desks[0].device.sync().await;
        desks[0].device.program(|laptop| laptop.run_with(&new, &board).well());
        desks[0].device.sync().await;
        for desk in &desks {
            desk.device.sync().await;
        }
        Self { house, desks, chance, acknowledged: Vec::new(), attempted: Vec::new() }
    }

    pub fn pick(&mut self) -> usize {
        self.chance.below(self.desks.len())
    }

    /// Somebody writes something with the program, which says that it is stored.
    pub fn edit(&mut self, at: usize) {
        let kind = self.chance.below(3);
        let (arguments, page, word) = self.next_edit(at, kind);
        self.run(at, &arguments).well();
        self.acknowledged.push((page, word));
    }

    /// The same, by a process that ends at a named point.
    pub fn begin_edit(&mut self, at: usize, point: &str) -> Child {
        let kind = self.chance.below(2);
        let (arguments, _, word) = self.next_edit(at, kind);
        self.attempted.push(word);
        self.desks[at].device.program(|laptop| laptop.start_with_fault(&arguments, point))
    }

    pub fn run(&self, at: usize, arguments: &[String]) -> Said {
        self.desks[at].device.program(|laptop| laptop.run(arguments))
    }

    pub fn start(&self, at: usize, arguments: &[&str]) -> Child {
        self.desks[at].device.program(|laptop| laptop.start(arguments))
    }

    /// A new page, another text in one's place on the board, or a paragraph more on one's own page.
    fn next_edit(&mut self, at: usize, kind: usize) -> (Vec<String>, String, String) {
        let desk = &mut self.desks[at];
        desk.edits += 1;
        let word = format!("zq{at}x{}y", desk.edits);
        let sentence = format!("Written by {}: {word}.", desk.name);
        let own = format!("general/notes-{at}");
        let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
        if kind == 1 {
            // The place is found by its first words: an edit of which nothing was said may be there.
            let with = format!("{} {word}", desk.line);
            let edit = ["sop", "edit", SHARED, "--replace", &desk.line, "--with", &with];
            return (words(&edit), SHARED.to_owned(), word);
        }
        if kind == 2 && desk.has_own_page {
            return (words(&["sop", "edit", &own, "--append", &sentence]), own, word);
        }
        let page = if kind == 2 { own } else { format!("general/page-{at}-{}", desk.edits) };
        desk.has_own_page |= kind == 2;
        let file = desk.device.folder().join("text.md");
        std::fs::write(&file, sentence).expect("a file");
        let file = file.to_str().expect("a plain path");
        (words(&["sop", "new", &page, "--title", "Notes", "--file", file]), page, word)
    }

    /// A sync of the program, which may say that the network did not let it.
    pub fn try_sync(&self, at: usize) {
        let said = self.run(at, &["sync".to_owned()]);
        assert!(matches!(said.code, Some(0 | 5)), "{said:?}");
    }

    pub fn kill_server(&mut self) {
        self.house.server.kill();
    }

    /// At the same address, so that proxies find it.
    pub fn start_server(&mut self) {
        self.house.server = Server::start(&self.house.database.url(), Some(self.house.server.address));
    }

    /// Nothing goes wrong any more: after a few syncs all is everywhere, once.
    pub async fn settle(mut self, what: &str) {
        for desk in &mut self.desks {
            desk.proxy.heal();
            if let Some(mut watching) = desk.watching.take() {
                end(&mut watching);
            }
        }
        for _ in 0..MOST_ROUNDS {
            let was_all_sent = self.desks.iter().all(Desk::is_at_rest);
            for at in 0..self.desks.len() {
                self.run(at, &["sync".to_owned()]).well();
            }
            if was_all_sent {
                break;
            }
        }
        for desk in &self.desks {
            desk.demand_settled(what, &self.house).await;
        }
        self.demand_words(what).await;
    }

    async fn demand_words(&self, what: &str) {
        let pages = "select string_agg(concat_ws('/', category, section) || ' ' || title || ' ' || content,
            E'\\x01') from guildhall.sops";
        let pages = self.house.ask::<String>(pages).await;
        let count = |page: &str, word: &str| {
            let found = pages.split('\u{1}').filter(|text| text.split(' ').next() == Some(page));
            found.map(|text| text.matches(word).count()).sum::<usize>()
        };
        for (page, word) in &self.acknowledged {
            assert_eq!(count(page, word), 1, "{what}: {word} was acknowledged on {page}");
        }
        for word in &self.attempted {
            assert!(pages.matches(word.as_str()).count() <= 1, "{what}: {word} is there more than once");
        }
    }
}

impl Desk {
    fn is_at_rest(&self) -> bool {
        self.device.count("select count(*) from wal_entries where settled_at is null") == 0
    }

    async fn demand_settled(&self, what: &str, house: &House) {
        assert!(self.is_at_rest(), "{what}: something waits at {}", self.name);
        assert!(self.device.conflicts().is_empty(), "{what}: nobody disagreed");
        assert!(self.device.read(quarantine::list).is_empty(), "{what}: nothing is to be refused");
        let account = self.device.read(state::account);
        let here = self.device.count("select count(*) from wal_entries");
        let there =
            |table: &str| format!("select count(*) from {table} where device_id = '{}'", account.device.0);
        let history = there("guildhall.wal_entries");
        assert_eq!(house.ask::<i64>(history).await, here, "{what}: each change of {} once", self.name);
        demand_equal(house, account.user.0, &self.device).await;
        self.device.demand_well();
    }
}

/// As the system ends a process: it gets no chance to say or write anything.
pub fn end(process: &mut Child) {
    // One that has ended by itself is what was wanted.
    process.kill().ok();
    process.wait().expect("the process is ours");
}
