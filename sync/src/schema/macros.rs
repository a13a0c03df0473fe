//! `synced_table!`: one block, from which the row struct and the [`Table`](super::Table) follow.

/// Declares a synced table.
///
/// ```text
/// synced_table! {
///     /// What one row is.
///     pub struct Sop(SopId) in "sops" number 12;
///     rows Edited;
///     scopes [Scope::Copied("scope_key")];
///     keys [["category", "section"]];
///     units [];
///     columns {
///         /// What the column means.
///         10 assistant_id: AssistantId = Default::Required => Merge::Guarded;
///         11 title: String = Default::Required => Merge::Guarded, searched;
///     }
/// }
/// ```
#[macro_export]
macro_rules! synced_table {
    (
        $(#[doc = $doc:literal])+
        pub struct $name:ident($id:ty) in $table:literal number $number:literal;
        rows $rows:ident;
        scopes [$($scope:expr),+ $(,)?];
        keys [$([$($key:literal),+]),* $(,)?];
        units [$([$($unit:literal),+]),* $(,)?];
        columns {
            $(
                $(#[doc = $column_doc:literal])+
                $column_number:literal $column:ident: $kind:ty = $default:expr => $merge:expr $(, $searched:ident)?;
            )*
        }
    ) => {
        $(#[doc = $doc])+
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub struct $name {
            pub id: $id,
            pub guild_id: $crate::id::GuildId,
            /// Raised by the server at every change.
            pub rev: i64,
            pub created_at: $crate::time::Timestamp,
            pub created_by: Option<$crate::id::UserId>,
            pub updated_at: $crate::time::Timestamp,
            pub updated_by: Option<$crate::id::UserId>,
            /// Set when a person deleted the row.
            pub deleted_at: Option<$crate::time::Timestamp>,
            $($(#[doc = $column_doc])+ pub $column: $kind,)*
        }

        const _: () = {
            use $crate::schema::{common, Column, Default, Merge, Row, RowError, Rows, Table};
            use $crate::value::{Cell, Cells};

            static TABLE: Table = Table {
                number: $number,
                name: $table,
                doc: concat!($($doc),+),
                columns: &[
                    $crate::common_column!(ID "id" $id, Default::Required, Merge::SetOnce, "Made where the row is made."),
                    $crate::common_column!(GUILD_ID "guild_id" $crate::id::GuildId, Default::Required, Merge::SetOnce, "The guild it belongs to."),
                    $crate::common_column!(REV "rev" i64, Default::Required, Merge::ServerOnly, "Raised by the server at every change."),
                    $crate::common_column!(CREATED_AT "created_at" $crate::time::Timestamp, Default::Required, Merge::ServerOnly, "When the server first had it."),
                    $crate::common_column!(CREATED_BY "created_by" Option<$crate::id::UserId>, Default::Null, Merge::ServerOnly, "Who made it."),
                    $crate::common_column!(UPDATED_AT "updated_at" $crate::time::Timestamp, Default::Required, Merge::ServerOnly, "When the server last changed it."),
                    $crate::common_column!(UPDATED_BY "updated_by" Option<$crate::id::UserId>, Default::Null, Merge::ServerOnly, "Who last changed it."),
                    $crate::common_column!(DELETED_AT "deleted_at" Option<$crate::time::Timestamp>, Default::Null, Merge::Guarded, "When a person deleted it."),
                    $(Column {
                        number: $column_number,
                        name: stringify!($column),
                        doc: concat!($($column_doc),+),
                        kind: <$kind as Cell>::TYPE,
                        nullable: <$kind as Cell>::NULLABLE,
                        default: $default,
                        merge: $merge,
                        searched: $crate::searched!($($searched)?),
                    },)*
                ],
                scopes: &[$($scope),+],
                keys: &[$(&[$($key),+]),*],
                units: &[$(&[$($unit),+]),*],
                rows: Rows::$rows,
            };

            impl Row for $name {
                const TABLE: &'static Table = &TABLE;

                fn from_cells(mut cells: Cells) -> Result<Self, RowError> {
                    TABLE.fill_defaults(&mut cells);
                    Ok(Self {
                        id: $crate::schema::read_cell(&TABLE, &cells, common::ID, "id")?,
                        guild_id: $crate::schema::read_cell(&TABLE, &cells, common::GUILD_ID, "guild_id")?,
                        rev: $crate::schema::read_cell(&TABLE, &cells, common::REV, "rev")?,
                        created_at: $crate::schema::read_cell(&TABLE, &cells, common::CREATED_AT, "created_at")?,
                        created_by: $crate::schema::read_cell(&TABLE, &cells, common::CREATED_BY, "created_by")?,
                        updated_at: $crate::schema::read_cell(&TABLE, &cells, common::UPDATED_AT, "updated_at")?,
                        updated_by: $crate::schema::read_cell(&TABLE, &cells, common::UPDATED_BY, "updated_by")?,
                        deleted_at: $crate::schema::read_cell(&TABLE, &cells, common::DELETED_AT, "deleted_at")?,
                        $($column: $crate::schema::read_cell(&TABLE, &cells, $column_number, stringify!($column))?,)*
                    })
                }

                fn to_cells(&self) -> Cells {
                    [
                        (common::ID, self.id.to_value()),
                        (common::GUILD_ID, self.guild_id.to_value()),
                        (common::REV, self.rev.to_value()),
                        (common::CREATED_AT, self.created_at.to_value()),
                        (common::CREATED_BY, self.created_by.to_value()),
                        (common::UPDATED_AT, self.updated_at.to_value()),
                        (common::UPDATED_BY, self.updated_by.to_value()),
                        (common::DELETED_AT, self.deleted_at.to_value()),
                        $(($column_number, self.$column.to_value()),)*
                    ]
                    .into_iter()
                    .collect()
                }

                fn id(&self) -> uuid::Uuid {
                    self.id.0
                }
            }
        };
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! common_column {
    ($number:ident $name:literal $kind:ty, $default:expr, $merge:expr, $doc:literal) => {
        Column {
            number: common::$number,
            name: $name,
            doc: $doc,
            kind: <$kind as Cell>::TYPE,
            nullable: <$kind as Cell>::NULLABLE,
            default: $default,
            merge: $merge,
            searched: false,
        }
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! searched {
    () => {
        false
    };
    (searched) => {
        true
    };
}
