//! A folder of Markdown files becomes SOPs. First a plan, which writes nothing and says what is
//! new, changed, the same, and what is refused and why; then the plan is carried out, one local
//! transaction for each page. What the plan says the same of is never written.
//!
//! Of a changed file only what it says differently from before is taken: a title that people
//! changed in Guildhall is not set back by a file that has not changed its own.

use super::page::{self, Meaning, Place};
use super::refusal::Refusal;
use super::walk::{self, Found, FoundPage, Refused};
use super::{front_matter, names::PageName};
use crate::error::{Error, Result};
use crate::sops;
use crate::store::state::{self, Account};
use crate::store::{Store, rows};
use crate::write::{Why, Write, rights};
use guildhall_sync::id::SopId;
use guildhall_sync::model::desk::Assistant;
use guildhall_sync::model::knowledge::Sop;
use guildhall_sync::schema::{Row, common};
use guildhall_sync::validate::validate;
use guildhall_sync::value::{Cell, Cells, Hash, Value};
use rusqlite::Connection;
use std::collections::HashMap;
use std::path::Path;

/// What an import would do.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ImportPlan {
    pub new: Vec<NewPage>,
    pub changed: Vec<ChangedPage>,
    pub same: usize,
    pub refused: Vec<Refused>,
    /// Files that are no pages, and hidden folders.
    pub skipped: usize,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewPage {
    /// Relative to the folder, parted by `/`.
    pub path: String,
    cells: Cells,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChangedPage {
    /// Relative to the folder, parted by `/`.
    pub path: String,
    pub sop: SopId,
    /// The columns that the file changes.
    pub columns: Vec<&'static str>,
    cells: Cells,
    /// The page as the plan saw it.
    seen: Hash,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ImportReport {
    pub added: usize,
    pub changed: usize,
    /// What was refused after the plan was made.
    pub refused: Vec<Refused>,
}

/// How many pages of a plan are done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    pub done: usize,
    pub all: usize,
}

/// Looks at a folder. Nothing is written.
pub fn plan(store: &Store, folder: &Path) -> Result<ImportPlan> {
    let Found { pages, refused, skipped } = walk::read(folder)?;
    let mut plan = ImportPlan { refused, skipped, ..ImportPlan::default() };
    store.read(|connection| {
        let account = state::account(connection)?;
        let known = Known::read(connection)?;
        for page in pages {
            let judged = match known.judge(&page) {
                Ok(judged) => demand_allowed(connection, &account, judged)?,
                Err(why) => Err(why),
            };
            plan.add(page.path, judged);
        }
        Ok(())
    })?;
    plan.refused.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(plan)
}

/// Carries a plan out, each page in a transaction of its own. What was refused meanwhile is told;
/// an error of the laptop ends it, and the same import goes on from there.
pub fn apply(
    store: &Store,
    plan: &ImportPlan,
    reason: Option<&str>,
    tell: &mut dyn FnMut(Progress),
) -> Result<ImportReport> {
    let mut report = ImportReport::default();
    let all = plan.new.len() + plan.changed.len();
    let why = Why { reason: reason.map(str::to_owned), ..Why::default() };
    for (at, page) in plan.new.iter().enumerate() {
        let add = |write: &mut Write<'_>| write.insert_because(Sop::TABLE, page.cells.clone(), why.clone());
        let added = store.write(add).map(|_| true);
        report.added += usize::from(report.demand_taken(&page.path, added)?);
        tell(Progress { done: at + 1, all });
    }
    for (at, page) in plan.changed.iter().enumerate() {
        let changed = page.write(store, &why);
        report.changed += usize::from(report.demand_taken(&page.path, changed)?);
        tell(Progress { done: plan.new.len() + at + 1, all });
    }
    Ok(report)
}

impl ImportPlan {
    fn add(&mut self, path: String, judged: std::result::Result<Judged, Refusal>) {
        match judged {
            Ok(Judged::New(cells)) => self.new.push(NewPage { path, cells }),
            Ok(Judged::Changed { sop, columns, cells, seen }) => {
                self.changed.push(ChangedPage { path, sop, columns, cells, seen });
            }
            Ok(Judged::Same) => self.same += 1,
            Err(why) => self.refused.push(Refused { path, why }),
        }
    }
}

impl ImportReport {
    /// A page that is refused is told; other errors end the import.
    fn demand_taken(&mut self, path: &str, written: Result<bool>) -> Result<bool> {
        let why = match written {
            Ok(true) => return Ok(true),
            Ok(false) => Refusal::ChangedMeanwhile,
            Err(Error::Disagreement(disagreement)) => Refusal::NotTaken(disagreement.to_string()),
            Err(error) => return Err(error),
        };
        self.refused.push(Refused { path: path.to_owned(), why });
        Ok(false)
    }
}

impl ChangedPage {
    /// False where the page is not any more what the plan saw.
    fn write(&self, store: &Store, why: &Why) -> Result<bool> {
        let written = store.write(|write| {
            let current = rows::find(write.connection(), Sop::TABLE, self.sop.0)?;
            if current.is_none_or(|row| rows::hash_of(Sop::TABLE, &row.cells) != self.seen) {
                return Ok(false);
            }
            write.update(Sop::TABLE, self.sop.0, self.cells.clone(), why.clone())
        });
        Ok(written?.value)
    }
}

enum Judged {
    New(Cells),
    Changed { sop: SopId, columns: Vec<&'static str>, cells: Cells, seen: Hash },
    Same,
}

/// What the mirror has, as far as an import asks.
struct Known {
    sops: HashMap<PageName, Vec<Sop>>,
    /// The page of each name, as laptops see it that cannot tell some names apart.
    folded: HashMap<String, PageName>,
    assistants: Vec<Assistant>,
}

impl Known {
    fn read(connection: &Connection) -> Result<Self> {
        let (mut by_name, mut folded) = (HashMap::<PageName, Vec<Sop>>::new(), HashMap::new());
        for sop in sops::list(connection, None)? {
            let name = PageName::of_sop(&sop);
            folded.insert(name.folded(), name.clone());
            by_name.entry(name).or_default().push(sop);
        }
        let assistants = rows::list_typed(connection, "deleted_at is null", [])?;
        Ok(Self { sops: by_name, folded, assistants })
    }

    fn judge(&self, page: &FoundPage) -> std::result::Result<Judged, Refusal> {
        let PageName { category, section } = &page.name;
        let (front_matter, content) = front_matter::part(&page.text)?;
        let meaning =
            page::read(front_matter, content, Place { category, section, assistants: &self.assistants })?;
        match self.sops.get(&page.name).map_or(&[][..], Vec::as_slice) {
            [] => self.judge_new(&page.name, cells_of(&page.name, front_matter, content, &meaning)),
            [sop] if page::text_of(sop, &self.assistants) == page.text => Ok(Judged::Same),
            [sop] => self.judge_known(sop, cells_of(&page.name, front_matter, content, &meaning)),
            several => Err(Refusal::Several { count: several.len() }),
        }
    }

    fn judge_new(&self, name: &PageName, cells: Cells) -> std::result::Result<Judged, Refusal> {
        if let Some(twin) = self.folded.get(&name.folded()) {
            let other = twin.path().unwrap_or_else(|_| twin.section.clone());
            return Err(Refusal::TwinInMirror { other });
        }
        validate(Sop::TABLE, &cells)?;
        Ok(Judged::New(cells))
    }

    /// Of what differs from the row, only what the file says differently from before.
    fn judge_known(&self, sop: &Sop, wanted: Cells) -> std::result::Result<Judged, Refusal> {
        let row = sop.to_cells();
        let before = page::read(&sop.front_matter, &sop.content.0, Place::of(sop, &self.assistants)).ok();
        let name = PageName::of_sop(sop);
        let before = before.map(|meaning| cells_of(&name, &sop.front_matter, &sop.content.0, &meaning));
        let says_anew =
            |number| before.as_ref().is_none_or(|said| said.value(number) != wanted.value(number));
        let changed =
            wanted.iter().filter(|(number, value)| row.value(*number) != *value && says_anew(*number));
        let cells: Cells = changed.map(|(number, value)| (number, value.clone())).collect();
        if cells.is_empty() {
            return Ok(Judged::Same);
        }
        let mut whole = row.clone();
        cells.iter().for_each(|(number, value)| whole.set(number, value.clone()));
        validate(Sop::TABLE, &whole)?;
        let columns = cells.iter().filter_map(|(number, _)| Sop::TABLE.column_by_number(number));
        let columns = columns.map(|column| column.name).collect();
        Ok(Judged::Changed { sop: sop.id, columns, cells, seen: rows::hash_of(Sop::TABLE, &row) })
    }
}

/// What the write door would refuse for want of rights is refused before anything is written.
fn demand_allowed(
    connection: &Connection,
    account: &Account,
    judged: Judged,
) -> Result<std::result::Result<Judged, Refusal>> {
    let (before, changes) = match &judged {
        Judged::Same => return Ok(Ok(judged)),
        Judged::New(cells) => (None, cells),
        Judged::Changed { sop, cells, .. } => (Some(rows::get(connection, Sop::TABLE, sop.0)?.cells), cells),
    };
    let mut row = before.clone().unwrap_or_default();
    row.set(common::GUILD_ID, account.guild.to_value());
    changes.iter().for_each(|(number, value)| row.set(number, value.clone()));
    match rights::demand(connection, account, Sop::TABLE, before.as_ref(), &row) {
        Ok(()) => Ok(Ok(judged)),
        Err(Error::Disagreement(disagreement)) => Ok(Err(Refusal::NotTaken(disagreement.to_string()))),
        Err(error) => Err(error),
    }
}

fn cells_of(name: &PageName, front_matter: &str, content: &str, meaning: &Meaning) -> Cells {
    let Meaning { title, assistant_id, sensitivity, is_pinned, status } = meaning;
    let named = [
        ("assistant_id", assistant_id.to_value()),
        ("category", name.category.to_value()),
        ("section", name.section.to_value()),
        ("title", title.to_value()),
        ("content", Value::text(content)),
        ("front_matter", Value::text(front_matter)),
        ("status", status.to_value()),
        ("sensitivity", sensitivity.to_value()),
        ("is_pinned", is_pinned.to_value()),
    ];
    let number = |name| Sop::TABLE.column(name).expect("the registry has this column").number;
    named.into_iter().map(|(name, value)| (number(name), value)).collect()
}
