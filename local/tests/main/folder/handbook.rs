//! A real handbook, where it lies beside the checkout.

use super::{files, import, look, mirror, numbers, write_out};
use guildhall_local::folder::export::Existing;
use guildhall_local::folder::import::{apply, plan};
use std::path::{Path, PathBuf};

/// Looked for above the checkout, because a work tree may lie deeper than a clone.
fn find_handbook() -> Option<PathBuf> {
    let above = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors();
    above.map(|folder| folder.join("shared/data/handbook/pages")).find(|pages| pages.is_dir())
}

#[test]
fn a_handbook_of_246_pages_goes_in_and_out_byte_for_byte() {
    let Some(pages) = find_handbook() else {
        println!("There is no handbook beside the checkout (../shared/data/handbook): nothing was tested.");
        return;
    };
    let mirror = mirror();
    let looked = plan(&mirror.store, &pages).expect("a plan");
    assert_eq!(numbers(&looked), [246, 0, 0, 0, 0], "{:?}", looked.refused);
    let report = apply(&mirror.store, &looked, Some("imported"), &mut |_| {}).expect("an import");
    assert_eq!((report.added, report.refused.len()), (246, 0));
    assert_eq!(numbers(&plan(&mirror.store, &pages).expect("a plan")), [0, 0, 246, 0, 0]);

    let out = tempfile::tempdir().expect("a folder");
    assert_eq!(write_out(&mirror, &out, Existing::Keep).written, 246);
    assert_eq!(files(out.path()), files(&pages));
    assert_eq!(numbers(&look(&mirror, &out)), [0, 0, 246, 0, 0]);
    assert_eq!(import(&mirror, &out).changed, 0);
    assert_eq!(mirror.count("select count(*) from wal_entries"), 246);
    assert!(mirror.count("select count(*) from fts_sops('parental')") > 0);
}
