//! What goes wrong around a migration and is nobody's bug: one clear message, the exit code, and nothing changed.
//!
//! Here is what needs two twins and something beside them: tokens that expire, certificates, a full disk, a second
//! process, a script that asks for what is not there. What plain arguments can do wrong is in `tests/cli/`.

mod disk;
mod scripts;
mod second;
mod tls;
mod tokens;
