//! What a service offers for each of its kinds: list, get, find, create.

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

use mlua::Table;

use crate::api::describe::{Call, Handle, Method, Sink, read, write};
use crate::api::fault;
use crate::lua::fault::Fault;
use crate::openstack::Cloud;
use crate::openstack::resource::Resource;

use super::collection::Collection;
use super::keys;
use super::object::{Class, Object, PLANNED};

/// A handle on one service of a cloud.
pub trait ServiceHandle: Handle {
    /// The cloud it belongs to.
    fn cloud(&self) -> &Cloud;
}

/// The name of an accessor, kept for the life of the program as declarations are, and once however often it is asked for.
fn accessor(prefix: &str, kind: &str) -> &'static str {
    static NAMES: Mutex<BTreeSet<&'static str>> = Mutex::new(BTreeSet::new());
    let name = format!("{prefix}{kind}");
    let mut names = NAMES.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(known) = names.get(name.as_str()) {
        return known;
    }
    let kept: &'static str = Box::leak(name.into_boxed_str());
    names.insert(kept);
    kept
}

/// Declares list, get, find and, where the kind has options for it, create.
pub fn kind<T: Class + Resource, H: ServiceHandle>(sink: &mut dyn Sink<H>) {
    sink.method(list_method::<T>(), |call: Call<H>, filters: Option<Table>| async move {
        Ok(Collection::<T>::new(call.this.cloud(), filters_of::<T>(filters)?))
    });
    sink.method(
        read(
            T::KIND,
            "id_or_name: string, filters?: table",
            T::CLASS,
            "Returns the object with that id or name; raises not_found or ambiguous.",
        ),
        |call: Call<H>, (name, filters): (String, Option<Table>)| async move {
            let found = find::<T>(call.this.cloud(), &name, filters).await?;
            found.ok_or_else(|| fault::not_found(T::KIND, &name, call.this.cloud().name()))
        },
    );
    sink.method(
        read(
            accessor("find_", T::KIND),
            "id_or_name: string, filters?: table",
            T::CLASS,
            "Returns the object with that id or name, or nil; raises ambiguous.",
        ),
        |call: Call<H>, (name, filters): (String, Option<Table>)| async move {
            find::<T>(call.this.cloud(), &name, filters).await
        },
    );
    if !T::CREATE.is_empty() {
        sink.method(
            write(
                accessor("create_", T::KIND),
                "options: table",
                T::CLASS,
                "Creates an object and returns it as the cloud first shows it.",
            ),
            |call: Call<H>, options: Table| async move {
                let body = keys::strict(&options, T::CREATE, &format!("create_{}", T::KIND))?;
                if call.pretend {
                    return Ok(planned(call.this.cloud(), body));
                }
                let made = call.this.cloud().create::<T>(body).await.map_err(fault::openstack)?;
                Ok(Object::new(call.this.cloud(), made))
            },
        );
    }
}

fn list_method<T: Class + Resource>() -> Method {
    read(T::PLURAL, "filters?: table", "Collection", "Lists the objects, a page at a time while they are read.")
}

fn filters_of<T: Resource>(filters: Option<Table>) -> Result<Vec<(String, String)>, Fault> {
    let Some(filters) = filters else { return Ok(Vec::new()) };
    Ok(keys::query(keys::strict(&filters, T::FILTERS, T::PLURAL)?))
}

async fn find<T: Class + Resource>(
    cloud: &Cloud,
    name: &str,
    filters: Option<Table>,
) -> Result<Option<Object<T>>, Fault> {
    let query = filters_of::<T>(filters)?;
    let found = cloud.find::<T>(name, query).await.map_err(fault::openstack)?;
    Ok(found.map(|data| Object::new(cloud, data)))
}

/// The object a plan pretends to have made: the fields that were asked for, under an id no cloud gives.
pub fn planned<T: Class>(cloud: &Cloud, mut body: serde_json::Map<String, serde_json::Value>) -> Object<T> {
    let name = body.get("name").and_then(|name| name.as_str()).unwrap_or_default();
    let id = if name.is_empty() { PLANNED.to_owned() } else { format!("{PLANNED}:{name}") };
    body.insert("id".into(), id.into());
    Object::new(cloud, keys::overlay(&T::default(), &body))
}
