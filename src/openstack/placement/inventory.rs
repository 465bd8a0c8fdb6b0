use std::collections::BTreeMap;

use super::call;
use crate::openstack::entity::entity;
use crate::openstack::{Cloud, Error, Method, Microversion, Request, encode};

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

fn provider(id: &str, what: &str) -> Request {
    call(Method::GET, format!("/resource_providers/{}/{what}", encode(id))).object(format!("resource provider {id}"))
}

/// What providers have and what is used of it.
impl Cloud {
    /// Returns what a provider has, by resource class.
    pub async fn inventories(&self, id: &str) -> Result<BTreeMap<String, Inventory>, Error> {
        self.ask(provider(id, "inventories"), "inventories").await
    }

    /// Returns how much of what a provider has is promised, by resource class.
    pub async fn provider_usages(&self, id: &str) -> Result<BTreeMap<String, i64>, Error> {
        self.ask(provider(id, "usages"), "usages").await
    }

    /// Returns the traits of a provider; known since 1.6.
    pub async fn provider_traits(&self, id: &str) -> Result<Vec<String>, Error> {
        self.ask(provider(id, "traits").require(Some(Microversion(1, 6))), "traits").await
    }

    /// Returns the aggregates a provider belongs to, by UUID; known since 1.1.
    pub async fn provider_aggregates(&self, id: &str) -> Result<Vec<String>, Error> {
        self.ask(provider(id, "aggregates").require(Some(Microversion(1, 1))), "aggregates").await
    }

    /// Returns how much is promised to a project's consumers, by resource class; known since 1.9.
    pub async fn project_usages(&self, project: &str) -> Result<BTreeMap<String, i64>, Error> {
        // From 1.38 on the answer is split by what the consumers are.
        let request = call(Method::GET, "/usages".into()).microversion(Some(Microversion(1, 37)));
        let request = request.require(Some(Microversion(1, 9))).query([("project_id".to_owned(), project.to_owned())]);
        self.ask(request.object(format!("usage of project {project}")), "usages").await
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
