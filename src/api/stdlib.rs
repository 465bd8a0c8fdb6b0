//! The workflows and helpers that come inside the program.

macro_rules! embed {
    ($($name:literal => $file:literal),* $(,)?) => {
        /// Every embedded module: the name `require` takes, and its source.
        pub const MODULES: &[(&str, &str)] =
            &[$(($name, include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/scripts/stdlib/", $file)))),*];
    };
}

embed! {
    "hooks" => "hooks.lua",
}

/// Returns the names and sources of the embedded workflows.
pub fn workflows() -> impl Iterator<Item = (&'static str, &'static str)> {
    MODULES.iter().filter_map(|(name, source)| Some((name.strip_prefix("workflows.")?, *source)))
}
