//! Groups that travel in parts: what has come is kept until the last part is here. What is decided
//! is the whole group, as if it had come at once; its parts stay a while after that, because the
//! answer may be lost and the last part come again.
//!
//! A device is told how much of its group is here and goes on from there, so nothing goes wrong
//! when parts come twice, late, or are forgotten meanwhile.

use crate::auth::Session;
use crate::db::{Database, Isolation};
use crate::error::Error;
use guildhall_sync::change::{Entry, Group, Place};
use guildhall_sync::protocol::{Extent, Kept, MAX_GROUP_BYTES, MAX_GROUP_ENTRIES, Push, SentGroup};
use sqlx::postgres::PgRow;
use sqlx::{PgConnection, Row};
use uuid::Uuid;

/// The most groups of which a device has parts here. The one that waits longest makes room.
const MAX_GROUPS_OF_DEVICE: i64 = 4;

/// What a part led to.
pub enum Taken {
    /// Others have to come.
    Kept(Kept),
    /// The last one was here: all of it.
    Whole(SentGroup),
    TooLarge,
}

/// One part of one group, in the push that brought it.
struct Part<'a> {
    session: &'a Session,
    epoch: Option<Uuid>,
    sent: &'a SentGroup,
    after: i32,
    of: i32,
}

/// Takes the part that a push consists of; none for a push of whole groups.
pub async fn take(database: &Database, session: &Session, push: &Push) -> Result<Option<Taken>, Error> {
    let [sent] = &push.groups[..] else { return Ok(None) };
    let Extent::Part { after, of } = sent.extent else { return Ok(None) };
    if of as usize > MAX_GROUP_ENTRIES {
        return Ok(Some(Taken::TooLarge));
    }
    let number = |count: u32| i32::try_from(count).expect("a group has fewer entries than that");
    let part = Part { session, epoch: push.epoch, sent, after: number(after), of: number(of) };
    let mut transaction = database.begin(session.guild, session.user, Isolation::ReadCommitted).await?;
    let taken = part.take(transaction.connection()).await?;
    transaction.commit().await?;
    Ok(Some(taken))
}

impl Part<'_> {
    async fn take(&self, connection: &mut PgConnection) -> Result<Taken, Error> {
        let mut kept = self.open(connection).await?;
        let comes_to = self.after + i32::try_from(self.sent.group.entries.len()).unwrap_or(i32::MAX);
        if self.after <= kept {
            self.keep(connection).await?;
            kept = kept.max(comes_to);
            if self.note(connection, kept).await? > MAX_GROUP_BYTES as i64 {
                self.forget(connection).await?;
                return Ok(Taken::TooLarge);
            }
        }
        if kept < self.of {
            let entries = kept.unsigned_abs();
            return Ok(Taken::Kept(Kept { group: self.sent.group.id, entries }));
        }
        Ok(Taken::Whole(self.read_whole(connection).await?))
    }

    /// How many entries are here. Whoever brings parts of the same group at this moment waits. A
    /// group that was another one, or of another history, begins anew.
    async fn open(&self, connection: &mut PgConnection) -> Result<i32, Error> {
        let row = sqlx::query(
            "insert into sync.parted as p (guild_id, device_id, group_id, epoch, entries) values ($1, $2, $3, $4, $5)
             on conflict (guild_id, device_id, group_id) do update
                set touched_at = now(), epoch = excluded.epoch, entries = excluded.entries,
                    kept = case when p.entries = excluded.entries and p.epoch is not distinct from excluded.epoch
                           then p.kept else 0 end
             returning kept",
        )
        .bind(self.session.guild.0)
        .bind(self.session.device.0)
        .bind(self.sent.group.id.0)
        .bind(self.epoch)
        .bind(self.of)
        .fetch_one(&mut *connection)
        .await?;
        let kept = row.try_get("kept")?;
        let rest =
            "delete from sync.part where guild_id = $1 and device_id = $2 and group_id = $3 and place >= $4";
        self.bound(sqlx::query(rest)).bind(kept).execute(&mut *connection).await?;
        sqlx::query(
            "delete from sync.parted where (guild_id, device_id, group_id) in (
               select guild_id, device_id, group_id from sync.parted where guild_id = $1 and device_id = $2
                order by group_id = $3 desc, touched_at desc offset $4)",
        )
        .bind(self.session.guild.0)
        .bind(self.session.device.0)
        .bind(self.sent.group.id.0)
        .bind(MAX_GROUPS_OF_DEVICE)
        .execute(connection)
        .await?;
        Ok(kept)
    }

    async fn keep(&self, connection: &mut PgConnection) -> Result<(), Error> {
        let SentGroup { group, hashes, reoffered, .. } = self.sent;
        let places: Vec<i32> = (self.after..).take(group.entries.len()).collect();
        let entries: Vec<String> = group.entries.iter().map(print).collect();
        let lost = |place: &Option<Place>| place.map(|place| (place.rev, i64::from(place.ord)));
        let lost: Vec<Option<(i64, i64)>> = match reoffered {
            Some(places) => places.iter().map(lost).collect(),
            None => vec![None; group.entries.len()],
        };
        let (revs, ords): (Vec<Option<i64>>, Vec<Option<i64>>) = lost.into_iter().map(Option::unzip).unzip();
        let insert = sqlx::query(
            "insert into sync.part (guild_id, device_id, group_id, place, entry, content_hash, is_reoffered, lost_rev, lost_ord)
             select $1, $2, $3, place, entry, hash, $4, rev, ord
               from unnest($5::integer[], $6::text[], $7::text[], $8::bigint[], $9::bigint[]) as sent (place, entry, hash, rev, ord)
             on conflict (guild_id, device_id, group_id, place) do update
                set entry = excluded.entry, content_hash = excluded.content_hash, is_reoffered = excluded.is_reoffered,
                    lost_rev = excluded.lost_rev, lost_ord = excluded.lost_ord",
        );
        let insert = self.bound(insert).bind(reoffered.is_some()).bind(places).bind(entries).bind(hashes);
        insert.bind(revs).bind(ords).execute(connection).await?;
        Ok(())
    }

    /// Notes how much is here; the answer is its size.
    async fn note(&self, connection: &mut PgConnection, kept: i32) -> Result<i64, Error> {
        let update = sqlx::query(
            "update sync.parted set kept = $4, bytes = (
               select coalesce(sum(octet_length(entry)), 0) from sync.part
                where guild_id = $1 and device_id = $2 and group_id = $3)
              where guild_id = $1 and device_id = $2 and group_id = $3 returning bytes",
        );
        let row = self.bound(update).bind(kept).fetch_one(connection).await?;
        Ok(row.try_get("bytes")?)
    }

    async fn forget(&self, connection: &mut PgConnection) -> Result<(), Error> {
        let delete = "delete from sync.parted where guild_id = $1 and device_id = $2 and group_id = $3";
        self.bound(sqlx::query(delete)).execute(connection).await?;
        Ok(())
    }

    async fn read_whole(&self, connection: &mut PgConnection) -> Result<SentGroup, Error> {
        let select = sqlx::query(
            "select entry, content_hash, is_reoffered, lost_rev, lost_ord from sync.part
              where guild_id = $1 and device_id = $2 and group_id = $3 order by place",
        );
        let rows = self.bound(select).fetch_all(connection).await?;
        let entries = rows.iter().map(read_entry).collect::<Result<_, Error>>()?;
        let hashes = rows.iter().map(|row| Ok(row.try_get("content_hash")?)).collect::<Result<_, Error>>()?;
        let places: Option<Vec<Option<Place>>> = rows.iter().map(read_place).collect::<Result<_, Error>>()?;
        let group = Group { id: self.sent.group.id, entries };
        Ok(SentGroup { group, hashes, reoffered: places, extent: Extent::Whole })
    }

    fn bound<'q>(&self, query: Query<'q>) -> Query<'q> {
        query.bind(self.session.guild.0).bind(self.session.device.0).bind(self.sent.group.id.0)
    }
}

type Query<'q> = sqlx::query::Query<'q, sqlx::Postgres, sqlx::postgres::PgArguments>;

fn print(entry: &Entry) -> String {
    serde_json::to_string(entry).expect("an entry has only string keys")
}

fn read_entry(row: &PgRow) -> Result<Entry, Error> {
    serde_json::from_str(row.try_get("entry")?).map_err(|_| Error::Damaged { what: "a part of a group" })
}

/// None for an entry that is not offered again; then the group is none that is.
fn read_place(row: &PgRow) -> Result<Option<Option<Place>>, Error> {
    let (rev, ord): (Option<i64>, Option<i64>) = (row.try_get("lost_rev")?, row.try_get("lost_ord")?);
    let ord = ord.map(|ord| u32::try_from(ord).unwrap_or_default());
    let place = rev.zip(ord).map(|(rev, ord)| Place { rev, ord });
    Ok(row.try_get::<bool, _>("is_reoffered")?.then_some(place))
}
