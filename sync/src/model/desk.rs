//! The desk: assistants that answer, approved public answers, tickets with what was said and
//! what answered them.

use crate::id::{
    AssistantId, KnowledgeItemId, LocationId, PublicInfoId, SopId, TicketId, TicketMessageId,
    TicketResolutionId, UserId,
};
use crate::schema::{Machine, Scope};
use crate::time::{Date, Timestamp};
use crate::value::{Hundredths, Markdown};
use crate::{synced_table, text_enum};
use std::collections::BTreeSet;

synced_table! {
    /// One of the voices that answer: what it knows, who may ask it, which words lead to it.
    pub struct Assistant(AssistantId) in "assistants" number 10;
    rows Edited;
    scopes [Scope::Assistant("id")];
    keys [["slug"]];
    units [["provider", "model"]];
    columns {
        /// A short name that programs use, as in `tech_support`.
        10 slug: String = Default::Required => Merge::SetOnce;
        /// As people call it.
        11 name: String = Default::Required => Merge::Guarded;
        /// What it is for.
        12 purpose: String = Default::Text("") => Merge::Guarded;
        /// The roles that may ask it and read what it knows.
        13 access_roles: BTreeSet<String> = Default::EmptySet => Merge::Set;
        /// Words that lead to it.
        14 keywords: BTreeSet<String> = Default::EmptySet => Merge::Set;
        /// Whether customers may ask it.
        15 is_public: bool = Default::Int(0) => Merge::Guarded;
        /// The smaller goes first; emergencies are 1.
        16 priority: i64 = Default::Int(100) => Merge::Guarded;
        /// Who runs its language model, where one is used.
        17 provider: Option<String> = Default::Null => Merge::Guarded;
        /// The language model, where one is used.
        18 model: String = Default::Text("") => Merge::Guarded;
        /// How freely the language model speaks, 0 to 2.
        19 temperature: Hundredths = Default::Int(70) => Merge::Guarded;
        /// The longest generated answer, in tokens.
        20 max_tokens: i64 = Default::Int(500) => Merge::Guarded;
        /// Its name at the provider.
        21 provider_assistant_ref: Option<String> = Default::Null => Merge::Guarded;
        /// Whom to call when it does not know.
        22 escalation_contact: Option<String> = Default::Null => Merge::Guarded;
    }
}

synced_table! {
    /// An answer that anybody may be given.
    pub struct PublicInfo(PublicInfoId) in "public_info" number 11;
    rows Edited;
    scopes [Scope::Public];
    keys [["category", "question"]];
    units [["valid_from", "valid_until"]];
    columns {
        /// hours, pricing, services, policies, contact.
        10 category: String = Default::Required => Merge::Guarded;
        /// As a customer asks it.
        11 question: String = Default::Required => Merge::Guarded, searched;
        /// What is answered.
        12 answer: Markdown = Default::Text("") => Merge::Text, searched;
        /// Whether it is given out at all.
        13 is_active: bool = Default::Int(1) => Merge::Guarded;
        /// The first day on which it holds.
        14 valid_from: Option<Date> = Default::Null => Merge::Guarded;
        /// The last day on which it holds.
        15 valid_until: Option<Date> = Default::Null => Merge::Guarded;
        /// Who approved it; without one it is not given out.
        16 approved_by: Option<UserId> = Default::Null => Merge::ServerOnly;
        /// When it was approved.
        17 approved_at: Option<Timestamp> = Default::Null => Merge::ServerOnly;
    }
}

text_enum! {
    /// Where a ticket stands.
    TicketStatus { Open = "open", Waiting = "waiting", Resolved = "resolved", Closed = "closed" }
}

text_enum! {
    /// How much something matters.
    Priority { Critical = "critical", High = "high", Medium = "medium", Low = "low" }
}

/// A closed ticket stays closed; a resolved one may come back.
pub static TICKET_MACHINE: Machine = Machine {
    ways: &[
        ("open", &["waiting", "resolved", "closed"]),
        ("waiting", &["open", "resolved", "closed"]),
        ("resolved", &["open", "closed"]),
        ("closed", &[]),
    ],
};

synced_table! {
    /// Something that a customer waits for.
    pub struct Ticket(TicketId) in "tickets" number 12;
    rows Edited;
    scopes [Scope::Location("location_id")];
    keys [["local_ref"]];
    units [["status", "resolved_at"]];
    columns {
        /// The number that was said at the desk, as in `D3-17`: device, then count.
        10 local_ref: String = Default::Required => Merge::SetOnce;
        /// The number that the server gave.
        11 number: Option<i64> = Default::Null => Merge::ServerOnly;
        /// What it is about.
        12 subject: String = Default::Required => Merge::Guarded, searched;
        /// How the desk calls the customer.
        13 customer_label: String = Default::Text("") => Merge::Guarded, searched;
        /// Where it stands.
        14 status: TicketStatus = Default::Text("open") => Merge::Status(&TICKET_MACHINE);
        /// How much it matters.
        15 priority: Priority = Default::Text("medium") => Merge::Guarded;
        /// The assistant whose matter it is.
        16 assistant_id: Option<AssistantId> = Default::Null => Merge::Guarded;
        /// Where the customer waits.
        17 location_id: LocationId = Default::Required => Merge::Guarded;
        /// Who takes care of it.
        18 assigned_to: Option<UserId> = Default::Null => Merge::Claim;
        /// When it was opened, by the desk's clock.
        19 opened_at: Timestamp = Default::Required => Merge::SetOnce;
        /// When it was resolved.
        20 resolved_at: Option<Timestamp> = Default::Null => Merge::Guarded;
    }
}

text_enum! {
    /// Who speaks in a ticket.
    AuthorKind { Customer = "customer", Staff = "staff", Assistant = "assistant", System = "system" }
}

synced_table! {
    /// Something that was said in a ticket. It stays as it was said.
    pub struct TicketMessage(TicketMessageId) in "ticket_messages" number 22;
    rows Edited;
    scopes [Scope::Copied("scope_key")];
    keys [];
    units [];
    columns {
        /// The ticket.
        10 ticket_id: TicketId = Default::Required => Merge::SetOnce;
        /// Who speaks.
        11 author_kind: AuthorKind = Default::Required => Merge::SetOnce;
        /// Which of the staff speaks; none for everybody else.
        12 author_id: Option<UserId> = Default::Null => Merge::SetOnce;
        /// What was said, in Markdown.
        13 body: Markdown = Default::Text("") => Merge::SetOnce, searched;
        /// When it was said, by the desk's clock.
        14 said_at: Timestamp = Default::Required => Merge::SetOnce;
        /// The scope of the ticket, copied by the server.
        15 scope_key: String = Default::Text("") => Merge::ServerOnly;
    }
}

synced_table! {
    /// A page or a piece of knowledge that was given as the answer to a ticket.
    pub struct TicketResolution(TicketResolutionId) in "ticket_resolutions" number 23;
    rows Edited;
    scopes [Scope::Copied("scope_key")];
    keys [];
    units [];
    columns {
        /// The ticket.
        10 ticket_id: TicketId = Default::Required => Merge::SetOnce;
        /// The piece of knowledge, where it was one.
        11 knowledge_item_id: Option<KnowledgeItemId> = Default::Null => Merge::SetOnce;
        /// The page, where it was one.
        12 sop_id: Option<SopId> = Default::Null => Merge::SetOnce;
        /// Whether it helped, where somebody said so.
        13 satisfied: Option<bool> = Default::Null => Merge::Guarded;
        /// What is said about it.
        14 note: String = Default::Text("") => Merge::Guarded;
        /// The scope of the ticket, copied by the server.
        15 scope_key: String = Default::Text("") => Merge::ServerOnly;
    }
}
