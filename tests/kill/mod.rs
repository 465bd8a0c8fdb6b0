//! The promise under `kill -9`: the built binary dies at random instants while it migrates and while it undoes, between two
//! twins that fail now and then, and every run comes to the same end as one that nobody disturbed.
//!
//! It proves that nothing is missing, nothing doubled, and the sources are intact; not how long it takes. Decision: what
//! counts is the whole state of both twins and the bytes of disks and images (`common/portrait.rs`), not what the program says.
//!
//! `MOONFERRY_KILLS` sets how often each test kills (80 and 130), `MOONFERRY_KILL_SEED` repeats one.

mod chase;

use std::time::Instant;

use crate::common::pair::{MIGRATE, Pair};
use crate::common::portrait::same;
use crate::common::tell;

use chase::{Chase, Dice};

fn setting(name: &str, default: u64) -> u64 {
    std::env::var(name).map_or(default, |text| text.parse().unwrap_or_else(|_| panic!("{name}={text} is no number")))
}

/// One undisturbed run and undo for comparison, then disturbed ones until enough kills struck.
fn kill(test: &str, kills: u64, undo_early: bool) {
    let seed = setting("MOONFERRY_KILL_SEED", u64::from(std::process::id()));
    let wanted = setting("MOONFERRY_KILLS", kills);
    tell(&format!("{test}: MOONFERRY_KILL_SEED={seed}, {wanted} kills"));
    let calm = Pair::new();
    let before = calm.portrait();
    let started = Instant::now();
    calm.run(&MIGRATE, 0);
    let took = started.elapsed();
    let after = calm.portrait();
    assert_ne!(before, after);
    let ids = calm.ids(&calm.latest().unwrap().0);
    tell(&format!("{test}: undisturbed it takes {took:?}"));

    let dice = Dice::new(seed ^ (u64::from(undo_early) << 32));
    let mut chase = Chase::new(Pair::new(), dice, took);
    while chase.kills < wanted {
        chase.round += 1;
        let run = if undo_early { chase.begin() } else { chase.migrate() };
        if !undo_early {
            chase.pair.calm();
            same(&chase.story("migrated"), &after, &chase.pair.portrait());
            assert_eq!(chase.pair.ids(&run), ids, "{}", chase.story("migrated"));
        }
        chase.undo(&run);
        chase.pair.calm();
        same(&chase.story("undone"), &before, &chase.pair.portrait());
    }
    tell(&format!("{test}: {} kills in {} rounds, {:?} in all", chase.kills, chase.round, started.elapsed()));
}

#[test]
fn killed_at_any_instant_a_migration_and_its_undo_come_to_their_end() {
    kill("migrate", 80, false);
}

#[test]
fn killed_at_any_instant_a_migration_half_done_is_undone() {
    kill("half", 130, true);
}
