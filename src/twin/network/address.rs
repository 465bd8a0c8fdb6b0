//! Internet addresses as numbers: prefixes, pools and the choice of a free one.

use std::collections::BTreeSet;
use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// An address block, its host bits cleared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Prefix {
    first: u128,
    length: u8,
    v6: bool,
}

impl Prefix {
    /// Reads `10.0.0.7/24` as `10.0.0.0/24`; a bare address is a block of one.
    pub fn parse(text: &str) -> Option<Self> {
        let (address, length) = text.split_once('/').map_or((text, None), |(left, right)| (left, Some(right)));
        let address: IpAddr = address.parse().ok()?;
        let bits = if address.is_ipv6() { 128 } else { 32 };
        let length = match length {
            Some(digits) => digits.parse::<u8>().ok().filter(|length| *length <= bits)?,
            None => bits,
        };
        let size_bits = u32::from(bits - length);
        let mask = if size_bits == 128 { 0 } else { u128::MAX << size_bits };
        Some(Self { first: number(address) & mask, length, v6: address.is_ipv6() })
    }

    /// Returns whether the block holds IPv6 addresses.
    pub fn is_v6(&self) -> bool {
        self.v6
    }

    /// Returns the number of leading bits that the block fixes.
    pub fn length(&self) -> u8 {
        self.length
    }

    /// Returns the lowest address, as a number.
    pub fn first(&self) -> u128 {
        self.first
    }

    /// Returns the highest address, as a number.
    pub fn last(&self) -> u128 {
        let bits = u32::from(if self.v6 { 128 } else { 32 } - self.length);
        if bits == 128 { u128::MAX } else { self.first | ((1 << bits) - 1) }
    }

    /// Returns whether the address lies in the block.
    pub fn contains(&self, address: IpAddr) -> bool {
        address.is_ipv6() == self.v6 && (self.first..=self.last()).contains(&number(address))
    }

    /// Returns whether the two blocks share an address.
    pub fn overlaps(&self, other: &Self) -> bool {
        self.v6 == other.v6 && self.first <= other.last() && other.first <= self.last()
    }

    /// Returns the lowest and highest address that a host may have: not the network's own and not IPv4 broadcast.
    pub fn hosts(&self) -> (u128, u128) {
        let small = self.last() - self.first < 2;
        let first = if small { self.first } else { self.first + 1 };
        let last = if small || self.v6 { self.last() } else { self.last() - 1 };
        (first, last)
    }

    /// Renders a number as an address of the block's family.
    pub fn address(&self, number: u128) -> IpAddr {
        if self.v6 { IpAddr::V6(Ipv6Addr::from(number)) } else { IpAddr::V4(Ipv4Addr::from(number as u32)) }
    }

    /// Returns the address an interface with this MAC gives itself in the block (RFC 4291, modified EUI-64).
    pub fn eui64(&self, mac: &str) -> Option<IpAddr> {
        let octets: Vec<u8> = mac.split(':').map(|pair| u8::from_str_radix(pair, 16)).collect::<Result<_, _>>().ok()?;
        let [a, b, c, d, e, f] = octets[..] else { return None };
        let host = u64::from_be_bytes([a ^ 2, b, c, 0xff, 0xfe, d, e, f]);
        self.v6.then(|| self.address(self.first | u128::from(host)))
    }
}

impl fmt::Display for Prefix {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}/{}", self.address(self.first), self.length)
    }
}

/// Returns the address as a number, within its own family.
pub fn number(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(address) => u128::from(u32::from(address)),
        IpAddr::V6(address) => u128::from(address),
    }
}

/// Returns the block without one address as at most two ranges: the pools a subnet has by default.
pub fn around(range: (u128, u128), hole: Option<u128>) -> Vec<(u128, u128)> {
    let (first, last) = range;
    match hole.filter(|hole| (first..=last).contains(hole)) {
        None => vec![range],
        Some(hole) => {
            let below = (hole > first).then(|| (first, hole - 1));
            let above = (hole < last).then(|| (hole + 1, last));
            below.into_iter().chain(above).collect()
        }
    }
}

/// Picks a free address of the pools, the first after `after`, so that a freed one is not given out at once again.
pub fn pick(pools: &[(u128, u128)], taken: &BTreeSet<u128>, after: u128) -> Option<u128> {
    let free = |(first, last): (u128, u128)| {
        let mut wanted = first;
        for used in taken.range(first..=last) {
            if *used > wanted {
                break;
            }
            wanted = wanted.checked_add(1)?;
        }
        (wanted <= last).then_some(wanted)
    };
    let later = pools.iter().filter(|(_, last)| *last > after).map(|(first, last)| (*first.max(&(after + 1)), *last));
    later.filter_map(free).next().or_else(|| pools.iter().copied().filter_map(free).next())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prefixes_lose_their_host_bits() {
        assert_eq!(Prefix::parse("10.0.0.7/24").unwrap().to_string(), "10.0.0.0/24");
        assert_eq!(Prefix::parse("2001:DB8::5/64").unwrap().to_string(), "2001:db8::/64");
        assert_eq!(Prefix::parse("::/0").unwrap().last(), u128::MAX);
        assert!(Prefix::parse("10.0.0.0/33").is_none() && Prefix::parse("ten").is_none());
    }

    #[test]
    fn overlap_counts_only_within_a_family() {
        let wide = Prefix::parse("0.0.0.0/0").unwrap();
        assert!(wide.overlaps(&Prefix::parse("10.0.0.0/24").unwrap()));
        assert!(!wide.overlaps(&Prefix::parse("::/0").unwrap()));
    }

    #[test]
    fn pools_leave_the_gateway_out() {
        assert_eq!(around((1, 254), Some(1)), [(2, 254)]);
        assert_eq!(around((1, 254), Some(7)), [(1, 6), (8, 254)]);
        assert_eq!(around((1, 254), None), [(1, 254)]);
    }

    #[test]
    fn picking_goes_on_and_wraps() {
        let taken = BTreeSet::from([1, 2, 3, 5]);
        assert_eq!(pick(&[(1, 6)], &taken, 0), Some(4));
        assert_eq!(pick(&[(1, 6)], &taken, 4), Some(6));
        assert_eq!(pick(&[(1, 6)], &taken, 6), Some(4));
        assert_eq!(pick(&[(1, 3)], &taken, 0), None);
    }

    #[test]
    fn slaac_addresses_follow_the_mac() {
        let block = Prefix::parse("2001:db8::/64").unwrap();
        assert_eq!(block.eui64("fa:16:3e:00:00:01").unwrap().to_string(), "2001:db8::f816:3eff:fe00:1");
    }
}
