use std::collections::BTreeMap;

use super::call;
use crate::openstack::entity::entity;
use crate::openstack::{Cloud, Error, Method, encode};

entity! {
    /// What is promised to one consumer, mostly a server.
    Allocation {
        /// What is promised by each provider, by its id.
        allocations: BTreeMap<String, ProviderAllocation>,
        /// The project of the consumer; known since 1.12.
        project_id: Option<String>,
        /// The user of the consumer; known since 1.12.
        user_id: Option<String>,
        /// How often the consumer changed; known since 1.28.
        consumer_generation: Option<i64>,
        /// What the consumer is, for example `INSTANCE`; known since 1.38.
        consumer_type: Option<String>,
    }
}

entity! {
    /// What one provider promised a consumer.
    ProviderAllocation {
        /// The amounts by resource class.
        resources: BTreeMap<String, i64>,
        /// How often the provider changed.
        generation: Option<i64>,
    }
}

/// What is promised to whom.
impl Cloud {
    /// Returns what is promised to a consumer; to one the service does not know, nothing is.
    pub async fn allocation(&self, consumer: &str) -> Result<Allocation, Error> {
        let path = format!("/allocations/{}", encode(consumer));
        self.ask(call(Method::GET, path).object(format!("allocation of {consumer}")), "").await
    }

    /// Returns what a provider promised, by consumer.
    pub async fn provider_allocations(&self, id: &str) -> Result<BTreeMap<String, ProviderAllocation>, Error> {
        let path = format!("/resource_providers/{}/allocations", encode(id));
        self.ask(call(Method::GET, path).object(format!("resource provider {id}")), "allocations").await
    }

    /// Takes back what is promised to a consumer that no longer is.
    pub async fn delete_allocation(&self, consumer: &str) -> Result<(), Error> {
        let path = format!("/allocations/{}", encode(consumer));
        self.remove(call(Method::DELETE, path).object(format!("allocation of {consumer}"))).await
    }
}
