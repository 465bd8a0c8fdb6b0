use crate::openstack::entity::entity;

entity! {
    /// What a provider has of one resource class.
    Inventory {
        /// How much there is.
        total: i64,
        /// How much of it is not given away.
        reserved: i64,
        /// The least that is given at once.
        min_unit: i64,
        /// The most that is given at once.
        max_unit: i64,
        /// What every amount is a multiple of.
        step_size: i64,
        /// How often it is given away.
        allocation_ratio: f64,
    }
}

impl Inventory {
    /// Returns how much can be promised in all: what is not reserved, times the ratio.
    pub fn capacity(&self) -> i64 {
        ((self.total - self.reserved) as f64 * self.allocation_ratio) as i64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_reserve_is_taken_before_the_ratio() {
        let inventory = Inventory { total: 10, reserved: 2, allocation_ratio: 1.5, ..Inventory::default() };
        assert_eq!(inventory.capacity(), 12);
    }
}
