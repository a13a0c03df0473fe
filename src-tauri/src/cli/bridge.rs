//! The backend behind a loopback address, for a browser.

use super::output::Output;
use super::run::profile_dir;
use super::{Bridge, Shared};
use crate::app;
use crate::bridge;
use crate::commands::window::{self, UnlockRequest};
use crate::failure::Failure;
use crate::host::Host;

/// Serves until it is told to end.
pub fn serve(shared: &Shared, wish: Bridge, out: Output) -> Result<(), Failure> {
    let host = Host::new(profile_dir(shared)?);
    let password = if shared.password.is_given() { Some(shared.password.read("Password: ")?) } else { None };
    app::runtime()?.block_on(async {
        match password {
            Some(password) => {
                let request = UnlockRequest { password: Some(password), remember: false };
                window::unlock(&host, request).await?;
            }
            None => host.start().await,
        }
        let stop = super::signals::asked_to_end();
        bridge::serve(host.clone(), wish.pages, wish.port, |address| out.note(address), stop).await?;
        host.stop().await;
        Ok(())
    })
}
