//! What every binding of one interpreter shares: clouds, site, hooks.

use std::collections::HashMap;
use std::sync::{Mutex, OnceLock, PoisonError};

use crate::api::fault;
use crate::api::workflow::hooks::Hooks;
use crate::lua::fault::Fault;
use crate::openstack::{Cloud, Clouds, Environment};

use super::site::Site;

/// The surroundings of scripts.
pub struct Runtime {
    /// The site the scripts belong to.
    pub site: Site,
    /// What the site hung on the stdlib's hooks.
    pub hooks: Hooks,
    environment: Environment,
    clouds: OnceLock<Clouds>,
    open: Mutex<HashMap<String, Cloud>>,
}

impl Runtime {
    /// Makes the surroundings; clouds.yaml is read when the first cloud is asked for.
    pub fn new(environment: Environment, site: Site) -> Self {
        Self { site, hooks: Hooks::default(), environment, clouds: OnceLock::new(), open: Mutex::default() }
    }

    /// Returns the value of an environment variable.
    pub fn variable(&self, name: &str) -> Option<&str> {
        self.environment.vars.get(name).map(String::as_str)
    }

    /// Returns the configured clouds.
    pub fn clouds(&self) -> Result<&Clouds, Fault> {
        if let Some(clouds) = self.clouds.get() {
            return Ok(clouds);
        }
        let loaded = Clouds::load(&self.environment).map_err(fault::openstack)?;
        Ok(self.clouds.get_or_init(|| loaded))
    }

    /// Returns a cloud by its clouds.yaml name; one connection pool and token for all who ask.
    pub fn cloud(&self, name: &str) -> Result<Cloud, Fault> {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(cloud) = open.get(name) {
            return Ok(cloud.clone());
        }
        let config = self.clouds()?.get(name).map_err(fault::openstack)?;
        let cloud = Cloud::new(config).map_err(fault::openstack)?;
        open.insert(name.to_owned(), cloud.clone());
        Ok(cloud)
    }
}
