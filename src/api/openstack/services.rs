//! The services of a cloud as scripts see them: `cloud.compute`, `cloud.network` …

use mlua::{MetaMethod, UserData, UserDataMethods};

use crate::api::describe::{Collect, Handle, Method, Register};
use crate::base::suggest;
use crate::lua::fault::{Fault, Kind};
use crate::openstack::Cloud;

use super::kind::ServiceHandle;
use super::{compute, identity, image, network, placement, volume};

macro_rules! service {
    ($($(#[$doc:meta])* $handle:ident => $module:ident, $word:literal);* $(;)?) => {
        $(
            $(#[$doc])*
            #[derive(Clone)]
            pub struct $handle(pub Cloud);

            impl Handle for $handle {
                fn class() -> &'static str { stringify!($handle) }
                fn label(&self) -> String { format!("{} of {}", $word, self.0.name()) }
            }

            impl ServiceHandle for $handle {
                fn cloud(&self) -> &Cloud { &self.0 }
            }

            impl UserData for $handle {
                fn add_methods<M: UserDataMethods<Self>>(methods: &mut M) {
                    $module::service(&mut Register(methods));
                    methods.add_meta_method(MetaMethod::Index, |_, _, name: String| -> mlua::Result<()> {
                        Err(unknown::<Self>(|sink| $module::service(sink), &name).into_lua())
                    });
                    methods.add_meta_method(MetaMethod::ToString, |_, this, ()| Ok(format!("{}({})", Self::class(), this.0.name())));
                }
            }
        )*
    };
}

service! {
    /// Keystone of a cloud.
    Identity => identity, "identity";
    /// Nova of a cloud.
    Compute => compute, "compute";
    /// Glance of a cloud.
    Image => image, "image";
    /// Neutron of a cloud.
    Network => network, "network";
    /// Cinder of a cloud.
    Volume => volume, "volume";
    /// Placement of a cloud.
    Placement => placement, "placement";
}

fn unknown<H: Handle>(describe: fn(&mut Collect), name: &str) -> Fault {
    let hint = suggest::hint(name, methods(describe).iter().map(|method| method.name));
    Fault::new(Kind::Invalid, format!("{} has no method '{name}'{hint}", H::class()))
}

fn methods(describe: fn(&mut Collect)) -> Vec<Method> {
    let mut collect = Collect::default();
    describe(&mut collect);
    collect.0
}
