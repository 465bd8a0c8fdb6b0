//! Waiting until an object has a status, or is gone.

use std::time::Duration;

use mlua::{Table, Value as LuaValue};

use crate::api::describe::{Call, Sink, read};
use crate::api::fault;
use crate::lua::bind;
use crate::lua::fault::{Fault, Kind};
use crate::openstack::ErrorKind;
use crate::openstack::resource::Resource;

use super::keys;
use super::object::{Class, Object};

const FIRST_PAUSE: Duration = Duration::from_millis(200);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);
const DEFAULT_TIMEOUT: Duration = Duration::from_secs(600);

/// How long to wait, and how often to ask.
struct Patience {
    timeout: Duration,
    every: Option<Duration>,
}

impl Patience {
    fn read(options: Option<Table>) -> Result<Self, Fault> {
        let Some(options) = options else { return Ok(Self { timeout: DEFAULT_TIMEOUT, every: None }) };
        bind::options(&options, &["timeout", "every"], "wait")?;
        let read = |key: &str| match options.get::<LuaValue>(key)? {
            LuaValue::Nil => Ok(None),
            value => bind::duration(&value).map(Some),
        };
        Ok(Self { timeout: read("timeout")?.unwrap_or(DEFAULT_TIMEOUT), every: read("every")? })
    }

    /// Asks soon at first and less often later, so that short changes are noticed and long ones are not pestered.
    fn pause(&self, tries: u32) -> Duration {
        self.every.unwrap_or_else(|| (FIRST_PAUSE * 3u32.pow(tries.min(8)) / 2u32.pow(tries.min(8))).min(LONGEST_PAUSE))
    }
}

/// Declares `wait` and `wait_gone` for a kind that has a status.
pub fn wait_methods<T: Class + Resource>(sink: &mut dyn Sink<Object<T>>) {
    sink.method(
        read("wait", "status: string, options?: { timeout?: duration, every?: duration }", T::CLASS, "Waits until the object has the status and returns the new snapshot; raises `unavailable` when it goes to an error status instead, `timeout` after ten minutes or the given time."),
        |call: Call<Object<T>>, (status, options): (String, Option<Table>)| async move {
            let patience = Patience::read(options)?;
            if call.this.planned() {
                let changes = serde_json::Map::from_iter([("status".to_owned(), status.into())]);
                return Ok(Object::new(&call.this.cloud, keys::overlay(&*call.this.data, &changes)));
            }
            until_status(&call.this, &status, &patience).await
        },
    );
    sink.method(
        read(
            "wait_gone",
            "options?: { timeout?: duration, every?: duration }",
            "",
            "Waits until the cloud no longer has the object.",
        ),
        |call: Call<Object<T>>, options: Option<Table>| async move {
            let patience = Patience::read(options)?;
            if call.this.planned() { Ok(()) } else { until_gone(&call.this, &patience).await }
        },
    );
}

async fn until_status<T: Class + Resource>(
    object: &Object<T>,
    wanted: &str,
    patience: &Patience,
) -> Result<Object<T>, Fault> {
    let started = tokio::time::Instant::now();
    for tries in 0.. {
        let now = object.cloud.get::<T>(object.id()).await.map_err(fault::openstack)?;
        let status = status_of(&now);
        if status.eq_ignore_ascii_case(wanted) {
            return Ok(Object::new(&object.cloud, now));
        }
        if status.to_lowercase().starts_with("error") || status.eq_ignore_ascii_case("killed") {
            return Err(went_wrong(object, &now, wanted, &status));
        }
        if started.elapsed() >= patience.timeout {
            return Err(too_long(object, &format!("is {status}, not {wanted}"), patience));
        }
        tokio::time::sleep(patience.pause(tries)).await;
    }
    Ok(object.clone())
}

fn status_of<T: Class>(data: &T) -> String {
    data.field("status").and_then(|status| status.as_str().map(str::to_owned)).unwrap_or_default()
}

fn went_wrong<T: Class>(object: &Object<T>, now: &T, wanted: &str, status: &str) -> Fault {
    let cause = now.field("fault").and_then(|fault| Some(fault.get("message")?.as_str()?.to_owned()));
    let cause = cause.map(|cause| format!(": {cause}")).unwrap_or_default();
    Fault::new(Kind::Unavailable, format!("{} went to {status} instead of {wanted}{cause}", describe(object)))
        .hint("the service's log around this time says why; look for the object's id")
}

async fn until_gone<T: Class + Resource>(object: &Object<T>, patience: &Patience) -> Result<(), Fault> {
    let started = tokio::time::Instant::now();
    for tries in 0.. {
        match object.cloud.get::<T>(object.id()).await {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
            Err(error) => return Err(fault::openstack(error)),
            Ok(now) if status_of(&now).eq_ignore_ascii_case("deleted") => return Ok(()),
            Ok(now) if status_of(&now).to_lowercase().starts_with("error_deleting") => {
                return Err(went_wrong(object, &now, "gone", &status_of(&now)));
            }
            Ok(_) if started.elapsed() >= patience.timeout => return Err(too_long(object, "is still there", patience)),
            Ok(_) => tokio::time::sleep(patience.pause(tries)).await,
        }
    }
    Ok(())
}

fn describe<T: Class>(object: &Object<T>) -> String {
    let (id, name) = object.data.identity();
    format!("{} {name} ({id}) of {}", T::CLASS.to_lowercase(), object.cloud.name())
}

fn too_long<T: Class>(object: &Object<T>, state: &str, patience: &Patience) -> Fault {
    let waited = crate::base::duration::format(patience.timeout);
    Fault::new(Kind::Timeout, format!("{} {state} after {waited}", describe(object)))
        .hint("give a longer timeout, or look at what the service is doing with it")
}
