//! Which system user runs Postgres: we ourselves, unless we are root, which Postgres refuses.

use std::path::Path;
use std::process::Command;

use std::os::unix::process::CommandExt;

use super::error::{ClusterError, at};

/// A user other than ourselves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Account {
    pub user_id: u32,
    pub group_id: u32,
}

pub(super) fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

/// None where we may run Postgres ourselves.
pub(super) fn find_for_postgres() -> Result<Option<Account>, ClusterError> {
    if !is_root() {
        return Ok(None);
    }
    let path = Path::new("/etc/passwd");
    let users = std::fs::read_to_string(path).map_err(at(path))?;
    let account = find_user(&users, "postgres").or_else(|| find_user(&users, "nobody"));
    account.map(Some).ok_or(ClusterError::AccountMissing)
}

/// A command that runs as `account`, with none of our environment.
pub(super) fn command_as(account: Option<&Account>, program: &Path) -> Command {
    let mut command = Command::new(program);
    command.env_clear().env("LC_ALL", "C.UTF-8").current_dir("/");
    if let Some(account) = account {
        command.uid(account.user_id).gid(account.group_id);
    }
    command
}

fn find_user(users: &str, name: &str) -> Option<Account> {
    users.lines().find_map(|line| {
        let mut fields = line.split(':');
        if fields.next() != Some(name) {
            return None;
        }
        let user_id = fields.nth(1)?.parse().ok()?;
        let group_id = fields.next()?.parse().ok()?;
        Some(Account { user_id, group_id })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_user_is_found_by_the_whole_name() {
        let users = "root:x:0:0:root:/root:/bin/bash\nnobody2:x:7:7::/:/bin/sh\nnobody:x:65534:65533:n:/:/bin/false\n";
        assert_eq!(find_user(users, "nobody"), Some(Account { user_id: 65534, group_id: 65533 }));
        assert_eq!(find_user(users, "postgres"), None);
    }
}
