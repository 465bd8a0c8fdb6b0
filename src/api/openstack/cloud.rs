//! `cloud "name"`: one entry of clouds.yaml with its services.

use mlua::{MetaMethod, Table, UserData, UserDataFields, UserDataMethods};
use serde_json::json;

use crate::api::describe::{Call, Handle, Register, Sink, ask, read};
use crate::api::fault;
use crate::base::suggest;
use crate::lua::bind;
use crate::lua::fault::{Fault, Kind};
use crate::lua::scope::Permit;
use crate::openstack::{Cloud, Method, Microversion, Request, Service};

use super::services;

/// A cloud in a script.
#[derive(Clone)]
pub struct CloudHandle(pub Cloud);

impl CloudHandle {
    /// Wraps a cloud; nothing is asked of it yet.
    pub fn new(cloud: Cloud) -> Self {
        Self(cloud)
    }
}

impl Handle for CloudHandle {
    fn class() -> &'static str {
        "Cloud"
    }

    fn label(&self) -> String {
        format!("cloud {}", self.0.name())
    }
}

/// The services by the names scripts use.
const SERVICES: [(&str, Service); 7] = [
    ("identity", Service::Identity),
    ("compute", Service::Compute),
    ("image", Service::Image),
    ("network", Service::Network),
    ("volume", Service::Volume),
    ("placement", Service::Placement),
    ("baremetal", Service::Baremetal),
];

impl UserData for CloudHandle {
    fn add_fields<F: UserDataFields<Self>>(fields: &mut F) {
        fields.add_field_method_get("name", |_, this| Ok(this.0.name().to_owned()));
        fields.add_field_method_get("region", |_, this| Ok(this.0.region().map(str::to_owned)));
        fields.add_field_method_get("identity", |_, this| Ok(services::Identity(this.0.clone())));
        fields.add_field_method_get("compute", |_, this| Ok(services::Compute(this.0.clone())));
        fields.add_field_method_get("image", |_, this| Ok(services::Image(this.0.clone())));
        fields.add_field_method_get("network", |_, this| Ok(services::Network(this.0.clone())));
        fields.add_field_method_get("volume", |_, this| Ok(services::Volume(this.0.clone())));
        fields.add_field_method_get("placement", |_, this| Ok(services::Placement(this.0.clone())));
    }

    fn add_methods<M: UserDataMethods<Self>>(methods: &mut M) {
        describe(&mut Register(methods));
        methods.add_meta_method(MetaMethod::ToString, |_, this, ()| Ok(format!("Cloud({})", this.0.name())));
        methods.add_meta_method(MetaMethod::Index, |_, _, name: String| -> mlua::Result<()> {
            let known = ["name", "region", "request", "services", "whoami", "has", "in_project"];
            let hint = suggest::hint(&name, known.into_iter().chain(SERVICES.iter().map(|(name, _)| *name)));
            Err(Fault::new(Kind::Invalid, format!("Cloud has no field or method '{name}'{hint}")).into_lua())
        });
    }
}

fn service(name: &str) -> Result<Service, Fault> {
    SERVICES.iter().find(|(known, _)| *known == name).map(|(_, service)| *service).ok_or_else(|| {
        let hint = suggest::hint(name, SERVICES.iter().map(|(name, _)| *name));
        Fault::new(Kind::Invalid, format!("there is no service '{name}'{hint}"))
    })
}

fn describe(sink: &mut dyn Sink<CloudHandle>) {
    sink.method(
        read(
            "in_project",
            "project_id: string",
            "Cloud",
            "Returns the same cloud with the same credentials, scoped to another project.",
        ),
        |call: Call<CloudHandle>, project: String| async move { Ok(CloudHandle(call.this.0.in_project(&project))) },
    );
    sink.method(
        read("whoami", "", "table", "Returns who the credentials are: user, project, roles, expiry."),
        |call: Call<CloudHandle>, (): ()| async move {
            let info = call.this.0.token_info().await.map_err(fault::openstack)?;
            let shown = json!({
                "user_id": info.user_id, "user_name": info.user_name, "project_id": info.project_id,
                "project_name": info.project_name, "roles": info.roles,
            });
            super::object::typed_to_lua(&call.lua, &shown).map_err(Fault::from)
        },
    );
    sink.method(
        read(
            "services",
            "",
            "table[]",
            "Returns the catalog: type, name, url, region and interface of each endpoint used.",
        ),
        |call: Call<CloudHandle>, (): ()| async move {
            let catalog = call.this.0.services().await.map_err(fault::openstack)?;
            let shown: Vec<_> = catalog
                .iter()
                .map(|entry| {
                    json!({ "type": entry.service_type, "name": entry.name, "url": entry.url,
                            "region": entry.region, "interface": entry.interface })
                })
                .collect();
            super::object::typed_to_lua(&call.lua, &json!(shown)).map_err(Fault::from)
        },
    );
    sink.method(
        read(
            "has",
            "service: string",
            "boolean",
            "Tells whether the catalog has a service: compute, volume, baremetal …",
        ),
        |call: Call<CloudHandle>, name: String| async move {
            call.this.0.has(service(&name)?).await.map_err(fault::openstack)
        },
    );
    // Its effect depends on the method it is given, so it asks the gate itself.
    sink.method(
        read("request", "options: RequestOptions", "table", "Calls any API below a service's endpoint, with the same authentication, errors and retries: { service =, method =, path =, query =, body =, microversion = }."),
        |call: Call<CloudHandle>, options: Table| async move { request(&call, &options).await },
    );
}

async fn request(call: &Call<CloudHandle>, options: &Table) -> Result<mlua::Value, Fault> {
    bind::options(options, &["service", "method", "path", "query", "body", "microversion"], "request")?;
    let text = |key: &str| options.get::<Option<String>>(key).map_err(Fault::from);
    let need = |key: &str| Fault::new(Kind::Invalid, format!("request needs `{key}`"));
    let path = text("path")?.ok_or_else(|| need("path"))?;
    let name = text("method")?.unwrap_or_else(|| "GET".into()).to_uppercase();
    let method: Method = name.parse().map_err(fault::openstack)?;
    let body = match options.get::<mlua::Value>("body")? {
        mlua::Value::Nil => None,
        body => Some(bind::lua_to_json(&body)?),
    };
    let mut request = Request::new(service(&text("service")?.ok_or_else(|| need("service"))?)?, method, path.clone());
    request.query = options
        .get::<Option<std::collections::BTreeMap<String, String>>>("query")?
        .unwrap_or_default()
        .into_iter()
        .collect();
    request.body = body;
    request.microversion =
        text("microversion")?.map(|text| text.parse::<Microversion>()).transpose().map_err(fault::openstack)?;
    request.object = format!("{name} {path}");
    let reads = method.is_read();
    let detail = request.body.clone().unwrap_or_default();
    if !reads && ask(&format!("Cloud:request {name} {path}"), &call.this.label(), detail)? == Permit::Pretend {
        return Ok(mlua::Value::Nil);
    }
    let response = call.this.0.send(request).await.map_err(fault::openstack)?;
    bind::json_to_lua(&call.lua, &response.body).map_err(Fault::from)
}
