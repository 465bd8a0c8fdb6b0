//! The client against small local servers that answer as each test says, down to the broken connection.

mod calls;
mod clouds;
mod fake;
mod finding;
mod lists;
mod raw;
mod retries;
mod sessions;
mod streams;
mod tls;
mod versions;
