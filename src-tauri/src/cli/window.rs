//! The window, asked for in a terminal or by a desktop.

use super::{Shared, Window};
use crate::failure::Failure;

#[cfg(feature = "desktop")]
pub fn open(shared: &Shared, wish: &Window) -> Result<(), Failure> {
    crate::shell::open(crate::shell::Wish {
        profile: super::run::profile_dir(shared)?,
        password: shared.password.clone(),
        safe_mode: wish.safe_mode,
    })
}

#[cfg(not(feature = "desktop"))]
pub fn open(_: &Shared, _: &Window) -> Result<(), Failure> {
    let failure =
        Failure::new(crate::failure::Code::BadRequest, "This Guildhall was built without a window.");
    Err(failure.hint("`guildhall --help` lists what it can do in the terminal."))
}
