//! All kinds and classes as data, for layers that offer every one of them: bindings, stubs, help, discovery.

use super::compute::*;
use super::entity::{Entity, Field};
use super::identity::*;
use super::image::*;
use super::network::*;
use super::placement::*;
use super::resource::{Paging, Resource, Update};
use super::volume::*;
use super::{QuotaUsage, Service};

/// A kind: a collection of objects that a service keeps.
#[derive(Debug, Clone, Copy)]
pub struct KindInfo {
    /// The kind in OpenStack's words: `server`, `floating_ip`. Two services may share one (`service`).
    pub kind: &'static str,
    /// The name of the collection: `servers`, `floating_ips`.
    pub plural: &'static str,
    /// The service that keeps it.
    pub service: Service,
    /// The class of its objects: `Server`, `FloatingIp`.
    pub class: &'static str,
    /// What the class stands for.
    pub doc: &'static str,
    /// How the list is paged.
    pub paging: Paging,
    /// How an object is changed.
    pub update_by: Update,
    /// The fields of its objects.
    pub fields: &'static [Field],
    /// Filters that a list accepts.
    pub filters: &'static [Field],
    /// Keys accepted when one is created, empty where none can be.
    pub create: &'static [Field],
    /// Keys accepted when one is changed, empty where none can be.
    pub update: &'static [Field],
}

/// A class: the shape of an object or of a part of one.
#[derive(Debug, Clone, Copy)]
pub struct ClassInfo {
    /// The name: `Server`, `ServerAddress`.
    pub class: &'static str,
    /// What it stands for.
    pub doc: &'static str,
    /// The fields.
    pub fields: &'static [Field],
}

const fn kind<R: Resource>() -> KindInfo {
    KindInfo {
        kind: R::KIND,
        plural: R::PLURAL,
        service: R::SERVICE,
        class: R::CLASS,
        doc: R::DOC,
        paging: R::PAGING,
        update_by: R::UPDATE_BY,
        fields: R::FIELDS,
        filters: R::FILTERS,
        create: R::CREATE,
        update: R::UPDATE,
    }
}

const fn class<E: Entity>() -> ClassInfo {
    ClassInfo { class: E::CLASS, doc: E::DOC, fields: E::FIELDS }
}

/// Lists types once and makes of them the tables below and the calls that need the types themselves.
macro_rules! table {
    (kinds: [$($kind:ident),* $(,)?], parts: [$($part:ident),* $(,)?]) => {
        const KINDS: &[KindInfo] = &[$(kind::<$kind>()),*];
        const CLASSES: &[ClassInfo] = &[$(class::<$kind>(),)* $(class::<$part>(),)*];

        /// Hands every kind, as a type, to a visitor.
        pub fn visit(visitor: &mut impl KindVisitor) {
            $(visitor.kind::<$kind>();)*
        }

        #[cfg(test)]
        fn visit_classes(visitor: &mut impl ClassVisitor) {
            $(visitor.class::<$kind>();)*
            $(visitor.class::<$part>();)*
        }
    };
}

table! {
    kinds: [
        Domain, Project, User, Group, Role, CatalogService, Endpoint, Region,
        Server, Flavor, Keypair, ServerGroup, ComputeService, Hypervisor, Aggregate, AvailabilityZone, Migration,
        Image,
        Network, Subnet, Port, Router, FloatingIp, SecurityGroup, SecurityGroupRule, NetworkAgent,
        Volume, VolumeType, VolumeSnapshot, Attachment, VolumeService,
        ResourceProvider,
    ],
    parts: [
        RoleAssignment,
        ServerFlavor, ServerAddress, ServerVolume, ServerFault, HypervisorServer, ComputeQuota, VolumeAttachment,
        InterfaceAttachment, FixedIp,
        ImageMember,
        AllocationPool, HostRoute, PortAddress, AddressPair, ExternalGateway, RouterInterface, NetworkQuota,
        VolumeServer, VolumeQuota, VolumeUpload,
        Inventory, Allocation, ProviderAllocation,
        QuotaUsage,
    ]
}

/// Does something with every kind where its type is needed, for example makes its bindings.
pub trait KindVisitor {
    /// Is called once for each kind.
    fn kind<R: Resource>(&mut self);
}

/// Returns every kind, by service and in the order in which objects depend on each other.
pub fn kinds() -> &'static [KindInfo] {
    KINDS
}

/// Returns every class: those of the kinds, and those of parts and answers.
pub fn classes() -> &'static [ClassInfo] {
    CLASSES
}

#[cfg(test)]
trait ClassVisitor {
    fn class<E: Entity + PartialEq + std::fmt::Debug>(&mut self);
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn tables() -> Vec<(String, &'static [Field])> {
        let classes = classes().iter().map(|class| (class.class.to_owned(), class.fields));
        let keys = kinds().iter().flat_map(|kind| {
            [("filters", kind.filters), ("create", kind.create), ("update", kind.update)]
                .map(|(what, keys)| (format!("{} {what}", kind.class), keys))
        });
        let quotas = [
            ("ComputeQuota update".to_owned(), ComputeQuota::UPDATE),
            ("NetworkQuota update".to_owned(), NetworkQuota::UPDATE),
            ("VolumeQuota update".to_owned(), VolumeQuota::UPDATE),
            ("RoleAssignment filters".to_owned(), RoleAssignment::FILTERS),
            ("VolumeAttachment create".to_owned(), VolumeAttachment::CREATE),
            ("InterfaceAttachment create".to_owned(), InterfaceAttachment::CREATE),
            ("VolumeUpload create".to_owned(), VolumeUpload::CREATE),
        ];
        classes.chain(keys).chain(quotas).collect()
    }

    #[test]
    fn every_field_is_named_once_and_documented() {
        for (table, fields) in tables() {
            let mut names = BTreeSet::new();
            let mut wires = BTreeSet::new();
            for field in fields {
                assert!(names.insert(field.name), "{table}: {} stands there twice", field.name);
                assert!(wires.insert(field.wire), "{table}: {} stands there twice", field.wire);
                assert!(
                    field.name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_'),
                    "{table}"
                );
                assert!(field.doc.ends_with('.') && field.doc.len() > 5, "{table}.{}: '{}'", field.name, field.doc);
                assert!(!(field.ty)().is_empty(), "{table}.{} has no type", field.name);
            }
        }
    }

    #[test]
    fn classes_are_named_once_and_documented() {
        let names: BTreeSet<&str> = classes().iter().map(|class| class.class).collect();
        assert_eq!(names.len(), classes().len());
        assert!(classes().iter().all(|class| class.doc.ends_with('.') && class.doc.len() > 10));
    }

    #[test]
    fn kinds_are_named_once_in_their_service() {
        let names: BTreeSet<_> = kinds().iter().map(|kind| (kind.service, kind.kind)).collect();
        let plurals: BTreeSet<_> = kinds().iter().map(|kind| (kind.service, kind.plural)).collect();
        assert_eq!((names.len(), plurals.len()), (kinds().len(), kinds().len()));
        for kind in kinds() {
            assert_eq!(kind.update.is_empty(), kind.update_by == Update::Never, "{}", kind.class);
        }
    }

    #[test]
    fn every_named_class_is_listed() {
        let known: BTreeSet<&str> = classes().iter().map(|class| class.class).collect();
        for (table, fields) in tables() {
            for field in fields {
                let ty = (field.ty)();
                for word in ty.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty()) {
                    let class = word.starts_with(|c: char| c.is_ascii_uppercase());
                    assert!(!class || known.contains(word), "{table}.{}: no class {word}", field.name);
                }
            }
        }
    }

    #[test]
    fn what_is_written_out_can_be_read_again() {
        struct Reader;
        impl ClassVisitor for Reader {
            fn class<E: Entity + PartialEq + std::fmt::Debug>(&mut self) {
                let empty: E = serde_json::from_value(serde_json::json!({})).unwrap();
                let written = serde_json::to_value(&empty).unwrap();
                assert_eq!(serde_json::from_value::<E>(written.clone()).unwrap(), empty, "{}", E::CLASS);
                for field in E::FIELDS {
                    assert_eq!(
                        empty.field(field.name),
                        written.get(field.name).cloned(),
                        "{}.{}",
                        E::CLASS,
                        field.name
                    );
                }
                let nulls: serde_json::Value = E::FIELDS.iter().map(|f| (f.wire, serde_json::Value::Null)).collect();
                assert_eq!(serde_json::from_value::<E>(nulls).unwrap(), empty, "{}", E::CLASS);
                assert!(empty.field("no_such_field").is_none());
            }
        }
        visit_classes(&mut Reader);
    }
}
