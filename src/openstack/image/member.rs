use crate::openstack::entity::entity;

entity! {
    /// A project that an image is shared with.
    ImageMember {
        /// The image.
        image_id: String,
        /// The project.
        member_id: String,
        /// Whether the project shows it in its lists: `pending`, `accepted` or `rejected`.
        status: String,
        /// When it was shared.
        created_at: String,
        /// When the status last changed.
        updated_at: String,
    }
}
