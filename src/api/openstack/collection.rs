//! A list of objects that is fetched while a script walks over it.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use mlua::{Lua, MetaMethod, MultiValue, UserData, UserDataMethods, UserDataRef};
use tokio::sync::Mutex;

use crate::api::describe::{Call, Handle, Register, Sink, read};
use crate::api::fault;
use crate::lua::bind;
use crate::lua::fault::Fault;
use crate::openstack::resource::Resource;
use crate::openstack::{Cloud, Pages};

use super::object::{Class, Object};

/// A lazy list: `for server in cloud.compute:servers{} do`, or `:all()`, `:first()`, `:count()`, `:ids()`.
pub struct Collection<T: Class + Resource> {
    cloud: Cloud,
    path: Arc<str>,
    query: Arc<Vec<(String, String)>>,
    walk: Arc<Mutex<Option<Walk<T>>>>,
}

/// Lua sees a few bytes of an object and not the thousands behind it, so walks over many have to tell it to clear up.
const CLEAR_EVERY: usize = 2000;

/// The objects handed out by all walks together, because many walk at once.
static GIVEN: AtomicUsize = AtomicUsize::new(0);

/// Where a `for` loop stands: the pages to come and what is left of the last one.
struct Walk<T: Class + Resource> {
    pages: Pages<T>,
    page: std::vec::IntoIter<T>,
}

impl<T: Class + Resource> Clone for Collection<T> {
    fn clone(&self) -> Self {
        Self {
            cloud: self.cloud.clone(),
            path: Arc::clone(&self.path),
            query: Arc::clone(&self.query),
            walk: Arc::clone(&self.walk),
        }
    }
}

impl<T: Class + Resource> Collection<T> {
    /// Describes a list without asking for it yet.
    pub fn new(cloud: &Cloud, query: Vec<(String, String)>) -> Self {
        Self { cloud: cloud.clone(), path: T::LIST_PATH.into(), query: query.into(), walk: Arc::default() }
    }

    fn pages(&self) -> Pages<T> {
        self.cloud.list_at::<T>(&self.path, self.query.to_vec())
    }

    async fn next(&self, lua: &Lua) -> Result<Option<Object<T>>, Fault> {
        let mut walk = self.walk.lock().await;
        let state = walk.get_or_insert_with(|| Walk { pages: self.pages(), page: Vec::new().into_iter() });
        loop {
            if let Some(item) = state.page.next() {
                if GIVEN.fetch_add(1, Ordering::Relaxed) % CLEAR_EVERY == CLEAR_EVERY - 1 {
                    lua.gc_collect()?;
                }
                return Ok(Some(Object::new(&self.cloud, item)));
            }
            match state.pages.next().await {
                Some(page) => state.page = page.map_err(fault::openstack)?.into_iter(),
                None => {
                    *walk = None;
                    return Ok(None);
                }
            }
        }
    }
}

impl<T: Class + Resource> Handle for Collection<T> {
    fn class() -> &'static str {
        "Collection"
    }

    fn label(&self) -> String {
        format!("{} of {}", T::PLURAL, self.cloud.name())
    }
}

impl<T: Class + Resource> UserData for Collection<T> {
    fn add_methods<M: UserDataMethods<Self>>(methods: &mut M) {
        describe(&mut Register(methods));
        methods.add_async_meta_method(MetaMethod::Call, |lua, this: UserDataRef<Self>, _: MultiValue| {
            let this = this.clone();
            bind::guarded(async move { this.next(&lua).await })
        });
        methods.add_meta_method(MetaMethod::ToString, |_, this, ()| Ok(format!("Collection({})", this.label())));
    }
}

fn describe<T: Class + Resource>(sink: &mut dyn Sink<Collection<T>>) {
    sink.method(
        read("all", "", "table", "Fetches every page and returns the objects as a list."),
        |call: Call<Collection<T>>, (): ()| async move {
            let all = call.this.pages().all().await.map_err(fault::openstack)?;
            Ok(all.into_iter().map(|item| Object::new(&call.this.cloud, item)).collect::<Vec<_>>())
        },
    );
    sink.method(
        read("first", "", "any", "Returns the first object, or nil where there is none."),
        |call: Call<Collection<T>>, (): ()| async move {
            let first = call.this.pages().first().await.map_err(fault::openstack)?;
            Ok(first.map(|item| Object::new(&call.this.cloud, item)))
        },
    );
    sink.method(
        read("count", "", "integer", "Returns how many there are."),
        |call: Call<Collection<T>>, (): ()| async move { call.this.pages().count().await.map_err(fault::openstack) },
    );
    sink.method(read("ids", "", "string[]", "Returns the ids."), |call: Call<Collection<T>>, (): ()| async move {
        call.this.pages().ids().await.map_err(fault::openstack)
    });
}
