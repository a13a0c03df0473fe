//! The house from outside: what people, programs and accidents can do to it, and what must hold
//! all the same. The server is the built program over a real Postgres; laptops have real profiles.

#[path = "../common/house.rs"]
mod house;

mod asked;
mod client_dies;
mod cloned;
mod demotion;
mod download;
mod equality;
mod errors;
mod history;
mod matrix;
mod meeting;
mod narrow;
mod postgres_dies;
mod psql;
mod refusal;
mod repair;
mod restored;
mod revocation;
mod secrecy;
mod server_dies;
mod tickets;
#[cfg(feature = "bridge")]
mod window;
mod writers;
