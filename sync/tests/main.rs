//! Properties of the shared rules, drawn from the registry: a new table or column is tested on the
//! day it is added. `PROPTEST_CASES` sets another number of cases for every property,
//! `PROPTEST_RNG_SEED` repeats a run; a failure prints its seed and the smallest input that fails.

#[path = "main/canonical.rs"]
mod canonical;
#[path = "main/cell.rs"]
mod cell;
#[path = "main/comeback.rs"]
mod comeback;
#[path = "main/deletion.rs"]
mod deletion;
#[path = "main/golden.rs"]
mod golden;
#[path = "main/pages.rs"]
mod pages;
#[path = "main/permission.rs"]
mod permission;
#[path = "main/property.rs"]
mod property;
#[path = "main/registry.rs"]
mod registry;
#[path = "main/row.rs"]
mod row;
#[path = "main/rows.rs"]
mod rows;
#[path = "main/scopes.rs"]
mod scopes;
#[path = "main/text.rs"]
mod text;
#[path = "main/texts.rs"]
mod texts;
#[path = "main/units.rs"]
mod units;
