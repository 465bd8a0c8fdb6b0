//! Small words that every layer uses: durations, sizes, secrets, suggestions, ids.
//!
//! Not a utility drawer: a file here has at least two users in different layers. Decision: nothing here knows tokio or
//! mlua, so that the lowest layer compiles and tests in a moment.

pub mod duration;
pub mod ids;
pub mod secret;
pub mod size;
pub mod suggest;
