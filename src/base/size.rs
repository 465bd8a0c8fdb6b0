//! Sizes in bytes as people write and read them, in powers of 1024.

const UNITS: [&str; 6] = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"];

/// Renders a number of bytes with one decimal and a binary unit: `1.5 GiB`, `512 B`.
pub fn format(bytes: u64) -> String {
    let mut value = bytes as f64;
    let mut unit = 0;
    while value >= 1024.0 && unit + 1 < UNITS.len() {
        value /= 1024.0;
        unit += 1;
    }
    if unit == 0 { format!("{bytes} B") } else { format!("{value:.1} {}", UNITS[unit]) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_read_well() {
        assert_eq!(format(512), "512 B");
        assert_eq!(format(3 << 29), "1.5 GiB");
        assert_eq!(format(u64::MAX), "16384.0 PiB");
    }
}
