use std::collections::BTreeMap;

use crate::openstack::entity::entity;

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
