//! The state of one simulated cloud: each service's own state, the clock, and what is still to happen.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use serde_json::{Value, json};

use super::clock::{Clock, Moment};
use super::dice::Dice;
use super::options::{Options, Release};
use super::{compute, identity, image, network, placement, volume};

/// Something that will happen to the cloud.
type Change = Box<dyn FnOnce(&mut Cloud) + Send>;

/// One cloud. Handlers get it locked, so what a handler does is atomic.
pub struct Cloud {
    /// The cloud's name in clouds.yaml.
    pub name: String,
    /// Which release it plays.
    pub release: Release,
    /// The folder of its files.
    pub data: PathBuf,
    /// The region of its endpoints.
    pub region: String,
    /// Whether quotas refuse.
    pub enforce_quotas: bool,
    /// How many bytes a GiB of a volume has.
    pub gib: u64,
    /// `http://host:port`.
    pub origin: String,
    /// The moment of the present request, or of the change being settled.
    pub now: Moment,
    /// Where ids come from.
    pub dice: Dice,
    /// The clock.
    pub clock: Arc<Clock>,
    /// Keystone.
    pub identity: identity::State,
    /// Nova.
    pub compute: compute::State,
    /// Glance.
    pub image: image::State,
    /// Neutron.
    pub network: network::State,
    /// Cinder.
    pub volume: volume::State,
    /// Placement.
    pub placement: placement::State,
    changes: BTreeMap<(Moment, u64), Change>,
    counted: u64,
}

impl Cloud {
    /// Makes a cloud in which nothing exists yet.
    pub fn new(options: &Options, origin: String) -> Self {
        let clock = Arc::new(Clock::new(options.speed));
        Self {
            name: options.name.clone(),
            release: options.release,
            data: options.data.clone(),
            region: options.region.clone(),
            enforce_quotas: options.enforce_quotas,
            gib: options.gib,
            origin,
            now: clock.now(),
            dice: Dice::named(options.seed, &options.name),
            clock,
            identity: identity::State::default(),
            compute: compute::State::default(),
            image: image::State::default(),
            network: network::State::default(),
            volume: volume::State::default(),
            placement: placement::State::default(),
            changes: BTreeMap::new(),
            counted: 0,
        }
    }

    /// Lets `change` happen after `seconds` of the estate's time. It must check that its object is still as it left it.
    pub fn later(&mut self, seconds: f64, change: impl FnOnce(&mut Self) + Send + 'static) {
        self.counted += 1;
        let due = self.now + self.clock.shorten(seconds);
        self.changes.insert((due, self.counted), Box::new(change));
    }

    /// Brings the cloud to the present: everything due happens, in order, each at its own moment.
    pub fn settle(&mut self) {
        let present = self.clock.now();
        while let Some(entry) = self.changes.first_entry().filter(|entry| entry.key().0 <= present) {
            let ((due, _), change) = entry.remove_entry();
            self.now = due;
            change(self);
        }
        self.now = present;
    }

    /// Tells whether something is still to happen.
    pub fn busy(&self) -> bool {
        !self.changes.is_empty()
    }

    /// Returns a fresh number that grows with every call, for stable orders of creation.
    pub fn count(&mut self) -> u64 {
        self.counted += 1;
        self.counted
    }

    /// Returns a fresh UUID with dashes.
    pub fn uuid(&mut self) -> String {
        self.dice.uuid()
    }

    /// Returns the whole state in a form that does not depend on when or how often it is asked for.
    pub fn snapshot(&self) -> Value {
        json!({
            "identity": self.identity.snapshot(),
            "compute": self.compute.snapshot(),
            "image": self.image.snapshot(),
            "network": self.network.snapshot(),
            "volume": self.volume.snapshot(),
            "placement": self.placement.snapshot(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changes_happen_in_order_at_their_own_moment() {
        let mut cloud = Cloud::new(&Options { speed: 0.0, ..Options::default() }, String::new());
        let start = cloud.now;
        cloud.later(2.0, |cloud| cloud.name.push('b'));
        cloud.later(1.0, move |cloud| {
            assert_eq!(cloud.now, start + 1000);
            cloud.name = "a".to_owned();
            cloud.later(2.0, |cloud| cloud.name.push('c'));
        });
        cloud.settle();
        assert_eq!(cloud.name, "twin");
        cloud.clock.advance(10_000);
        cloud.settle();
        assert_eq!(cloud.name, "abc");
        assert!(!cloud.busy());
    }
}
