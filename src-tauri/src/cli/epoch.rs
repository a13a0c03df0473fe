//! What an administrator does after a restore of the server's database.

use super::Epoch;
use super::output::Output;
use super::server::connect;
use crate::app;
use crate::failure::Failure;
use guildhall_server::admin;
use serde_json::json;

pub fn run(command: Epoch, out: Output) -> Result<(), Failure> {
    let runtime = app::runtime()?;
    match command {
        Epoch::New { guild, database } => {
            let epoch = runtime.block_on(async {
                let database = connect(&database).await?;
                let guild = admin::get_guild(&database, &guild).await?;
                Ok::<_, Failure>(admin::begin_epoch(&database, guild).await?)
            })?;
            out.answer(&json!({"guild": guild, "epoch": epoch}), |_| {
                format!(
                    "{guild} syncs again, with a new history. Laptops keep everything, and send again what the \
                     database lost, each at its next contact.\n"
                )
            })
        }
    }
}
