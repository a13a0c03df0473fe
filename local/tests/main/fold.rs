//! Whatever happens in whatever order, the row is the server's last word with the open entries
//! over it, and nothing that was typed is lost.

use crate::fixture::{Mirror, NOW, account, answer, server_sop};
use guildhall_local::doctor;
use guildhall_local::entries::{self, EntryState};
use guildhall_local::fold;
use guildhall_local::outbox;
use guildhall_local::store::rows;
use guildhall_sync::change::{Entry, RejectCode, Verdict};
use guildhall_sync::model::knowledge::Sop;
use guildhall_sync::schema::{Row, common};
use guildhall_sync::value::{Cells, Value};
use proptest::prelude::*;
use std::collections::BTreeSet;
use uuid::Uuid;

#[derive(Clone, Debug)]
enum Step {
    Edit { column: &'static str, text: String },
    ServerRow { title: String, content: String },
    Push { refuse: u8 },
    Settle,
    Unanswered,
}

fn text() -> impl Strategy<Value = String> {
    let paragraph = prop::sample::select(vec!["First.", "Second, by me.", "Third.", "Fourth, by Ana."]);
    prop::collection::vec(paragraph, 1..4).prop_map(|paragraphs| paragraphs.join("\n\n"))
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => (prop::sample::select(vec!["content", "title"]), text()).prop_map(|(column, text)| {
            let text = if column == "title" { text.replace('\n', " ") } else { text };
            Step::Edit { column, text }
        }),
        2 => (text(), text()).prop_map(|(title, content)| {
            Step::ServerRow { title: title.replace('\n', " "), content }
        }),
        2 => (0_u8..4).prop_map(|refuse| Step::Push { refuse }),
        2 => Just(Step::Settle),
        1 => Just(Step::Unanswered),
    ]
}

struct Play {
    mirror: Mirror,
    id: Uuid,
    /// The server's last word.
    server: Cells,
    typed: BTreeSet<String>,
}

impl Play {
    fn begin() -> Self {
        let mirror = Mirror::new();
        let server = server_sop("page", "Page", "First.");
        let id = mirror.serve(Sop::TABLE, &server);
        Self { mirror, id, server, typed: BTreeSet::new() }
    }

    fn take(&mut self, step: Step) {
        match step {
            Step::Edit { column, text } => self.edit(column, &text),
            Step::ServerRow { title, content } => {
                let rev = self.server.value(common::REV).as_int().expect("a version");
                self.server = server_sop("page", &title, &content);
                self.server.set(common::REV, Value::Int(rev + 1));
                self.mirror.serve(Sop::TABLE, &self.server);
            }
            Step::Push { refuse } => self.push(refuse),
            Step::Settle => self.settle(),
            Step::Unanswered => {
                self.mirror
                    .store
                    .record(|connection| outbox::mark_unanswered(connection))
                    .expect("no answer");
            }
        }
    }

    fn edit(&mut self, column: &'static str, text: &str) {
        let page = self.mirror.page(self.id);
        let now = if column == "title" { page.title } else { page.content.0 };
        if now != text {
            self.mirror.edit(self.id, [(column, text)]);
            self.typed.insert(text.to_owned());
        }
    }

    /// Every entry whose number leaves this rest is refused.
    fn push(&self, refuse: u8) {
        self.mirror.push(|line| {
            if line.entry.device_seq % 4 == u64::from(refuse) {
                let code = RejectCode::Invalid;
                return Verdict::Rejected { code, reason: "not today".to_owned(), fixable: true };
            }
            Verdict::Committed { rev: 8, ord: 0 }
        });
    }

    fn settle(&self) {
        let decided: Vec<_> = self.open().into_iter().filter(|line| line.decided_at.is_some()).collect();
        let verdicts: Vec<_> =
            decided.iter().map(|line| answer(line, line.verdict.clone().expect("a verdict"))).collect();
        self.mirror
            .store
            .apply(|connection| {
                outbox::settle(connection, &verdicts, NOW)?;
                fold::refresh(connection, Sop::TABLE, self.id)
            })
            .expect("settled");
    }

    fn open(&self) -> Vec<entries::Line> {
        self.mirror.store.read(|connection| entries::list_open(connection, "sops", self.id)).expect("entries")
    }

    fn check(&self) {
        let stored = self.mirror.store.read(|connection| rows::get(connection, Sop::TABLE, self.id));
        let (stored, open) = (stored.expect("the row"), self.open());
        assert_eq!(stored.own.dirty, !open.is_empty());
        let entries: Vec<Entry> = open.into_iter().map(|line| line.entry).collect();
        let mut server = self.server.clone();
        Sop::TABLE.fill_defaults(&mut server);
        let folded = fold::compute(Sop::TABLE, Some(&server), &entries, &account()).expect("a fold");
        assert_eq!(Some(stored.cells), folded);

        let mut kept = BTreeSet::new();
        let lines = self.mirror.store.read(|connection| {
            let mut ids = connection.prepare("select id from wal_entries")?;
            let ids = ids.query_map([], |row| row.get(0).map(guildhall_sync::id::EntryId))?;
            Ok(ids.collect::<rusqlite::Result<Vec<_>>>()?)
        });
        for line in lines.expect("the entries").into_iter().map(|id| self.mirror.line(id)) {
            assert_eq!(line.state == EntryState::Rejected, line.refused_with.is_some());
            kept.extend(line.entry.after.values().filter_map(|value| value.as_str().map(str::to_owned)));
        }
        assert!(self.typed.is_subset(&kept), "what was typed is in the log");
    }

    fn end(&self) {
        for check in doctor::examine(&self.mirror.store) {
            assert!(check.is_well, "{}: {}", check.name, check.found);
        }
    }
}

#[test]
fn the_row_is_always_the_servers_word_with_the_open_entries_over_it() {
    let config = ProptestConfig { cases: 40, ..ProptestConfig::default() };
    proptest!(config, |(steps in prop::collection::vec(step(), 1..14))| {
        let mut play = Play::begin();
        for step in steps {
            play.take(step);
            play.check();
        }
        play.end();
    });
}
