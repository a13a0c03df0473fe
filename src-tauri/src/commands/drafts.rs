//! What is typed and not yet saved. Screens call `keep_draft` at each pause of the typing; when it
//! answers, what was typed survives the end of the program.

use crate::app::App;
use crate::failure::{Code, Failure};
use crate::views::Nothing;
use guildhall_local::drafts::{self, Typed};
use guildhall_local::subject::Subject;
use guildhall_sync::time::Timestamp;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// Kept on this laptop only.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
pub struct Draft {
    /// `sop:<id>`, `new-sop:<id>`, `ticket:<id>` (an answer) or `new-ticket`.
    pub subject: String,
    pub title: String,
    pub content: String,
    /// Where a new page shall lie, as the screen wrote it.
    pub place: String,
    /// The revision of the page that its author began from.
    pub base_revision: Option<i64>,
    #[ts(type = "number")]
    pub kept_at: Timestamp,
}

#[derive(Clone, Debug, Deserialize, TS)]
pub struct KeepDraftRequest {
    pub subject: String,
    pub title: String,
    pub content: String,
    pub place: String,
    /// Of a page: the revision that was on the screen before the first letter. Another one than the
    /// draft has says that its author has looked at the page again.
    pub base_revision: Option<i64>,
}

#[derive(Clone, Debug, Deserialize, TS)]
pub struct DraftRequest {
    pub subject: String,
}

pub fn keep_draft(app: &App, request: KeepDraftRequest) -> Result<Draft, Failure> {
    let typed = Typed {
        subject: read_subject(&request.subject)?,
        title: &request.title,
        content: &request.content,
        place: &request.place,
        base_revision: request.base_revision,
    };
    Ok(app.store.keep_draft(&typed)?.into())
}

pub fn draft(app: &App, request: DraftRequest) -> Result<Option<Draft>, Failure> {
    let subject = read_subject(&request.subject)?;
    Ok(app.store.read(|connection| drafts::find(connection, subject))?.map(Draft::from))
}

pub fn drop_draft(app: &App, request: DraftRequest) -> Result<Nothing, Failure> {
    app.store.drop_draft(read_subject(&request.subject)?)?;
    Ok(Nothing {})
}

pub fn read_subject(text: &str) -> Result<Subject, Failure> {
    let message = || format!("{text:?} does not name what a draft can be of.");
    text.parse().map_err(|_| Failure::new(Code::BadRequest, message()))
}

impl From<drafts::Draft> for Draft {
    fn from(draft: drafts::Draft) -> Self {
        Self {
            subject: draft.subject.to_string(),
            title: draft.title,
            content: draft.content,
            place: draft.place,
            base_revision: draft.base_revision,
            kept_at: draft.kept_at,
        }
    }
}
