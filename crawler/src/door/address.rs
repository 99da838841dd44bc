//! Which addresses belong to the public web. Everything else (our own machine, the local network,
//! a cloud's metadata service) is no business of a crawler that follows strangers' links.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Whether `address` is globally reachable, by the IANA special-purpose registries (RFC 6890 and
/// its updates), with the IPv4 addresses that some IPv6 ranges carry inside looked at too. Of what
/// the registries call reachable, the anycast addresses of protocols are left out where they lie
/// among others that are not: whoever answers there is near us, and no web server.
pub fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    !(address.is_private()
        || address.is_loopback()
        || address.is_link_local()
        || address.is_multicast()
        || address.is_documentation()
        || a == 0
        || a >= 240
        || (a == 100 && (64..128).contains(&b)) // shared address space, RFC 6598
        || (a == 192 && b == 0 && c == 0) // protocol assignments, RFC 6890
        || (a == 192 && b == 88 && c == 99) // former 6to4 relays, RFC 7526
        || (a == 198 && (18..20).contains(&b))) // benchmarking, RFC 2544
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    let segments = address.segments();
    let v4_in = |high: u16, low: u16| {
        let ([a, b], [c, d]) = (high.to_be_bytes(), low.to_be_bytes());
        Ipv4Addr::new(a, b, c, d)
    };
    if let Some(inner) = address.to_ipv4_mapped() {
        return is_public_v4(inner);
    }
    match segments {
        [0, 0, 0, 0, 0, 0, ..] => false, // unspecified, loopback, IPv4-compatible
        [0x64, 0xff9b, 0, 0, 0, 0, high, low] => is_public_v4(v4_in(high, low)), // NAT64, RFC 6052
        [0x2002, high, low, ..] => is_public_v4(v4_in(high, low)), // 6to4, RFC 3056
        [0x2001, second, ..] if second < 0x200 => false, // Teredo, ORCHID and kin, RFC 2928
        [0x2001, 0xdb8, ..] => false,    // documentation
        [0x3fff, second, ..] if second < 0x1000 => false, // documentation, RFC 9637
        // Only 2000::/3 is given out as global unicast.
        [first, ..] => first & 0xe000 == 0x2000,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_public_web_is_public() {
        for public in [
            "93.184.216.34",
            "1.1.1.1",
            "172.32.0.1",
            "2606:4700::1111",
            "::ffff:1.1.1.1",
            "2002:101:101::1",
            "64:ff9b::101:101",
        ] {
            assert!(is_public(public.parse().unwrap()), "{public}");
        }
        for private in [
            "169.254.169.254",
            "fd00:ec2::254",
            "100.100.100.200",
            "::ffff:10.0.0.1",
            "::ffff:127.0.0.1",
            "::ffff:0:127.0.0.1",
            "::7f00:1",
            "2002:7f00:1::",
            "2002:a9fe:a9fe::1",
            "2001:0:7f00:1::",
            "64:ff9b::7f00:1",
            "64:ff9b::a9fe:a9fe",
        ] {
            assert!(!is_public(private.parse().unwrap()), "{private}");
        }
    }

    /// Every block of the registries (as of RFC 9780), whether it is "globally reachable" there, and
    /// what we make of it; multicast has registries of its own.
    const REGISTRY: [(&str, &str, Option<bool>, bool); 58] = [
        // iana-ipv4-special-registry
        ("0.0.0.0/8", "this network, RFC 791", Some(false), false),
        ("0.0.0.0/32", "this host on this network, RFC 1122", Some(false), false),
        ("10.0.0.0/8", "private use, RFC 1918", Some(false), false),
        ("100.64.0.0/10", "shared address space, RFC 6598", Some(false), false),
        ("127.0.0.0/8", "loopback, RFC 1122", Some(false), false),
        ("169.254.0.0/16", "link local, RFC 3927", Some(false), false),
        ("172.16.0.0/12", "private use, RFC 1918", Some(false), false),
        ("192.0.0.0/24", "protocol assignments, RFC 6890", Some(false), false),
        ("192.0.0.0/29", "IPv4 service continuity, RFC 7335", Some(false), false),
        ("192.0.0.8/32", "dummy address, RFC 7600", Some(false), false),
        ("192.0.0.9/32", "port control anycast, RFC 7723", Some(true), false),
        ("192.0.0.10/32", "TURN anycast, RFC 8155", Some(true), false),
        ("192.0.0.170/32", "NAT64 discovery, RFC 7050", Some(false), false),
        ("192.0.0.171/32", "NAT64 discovery, RFC 7050", Some(false), false),
        ("192.0.2.0/24", "documentation, RFC 5737", Some(false), false),
        ("192.31.196.0/24", "AS112, RFC 7535", Some(true), true),
        ("192.52.193.0/24", "AMT, RFC 7450", Some(true), true),
        ("192.88.99.0/24", "former 6to4 relays, RFC 7526", None, false),
        ("192.88.99.2/32", "6a44 relays, RFC 6751", Some(false), false),
        ("192.168.0.0/16", "private use, RFC 1918", Some(false), false),
        ("192.175.48.0/24", "AS112, RFC 7534", Some(true), true),
        ("198.18.0.0/15", "benchmarking, RFC 2544", Some(false), false),
        ("198.51.100.0/24", "documentation, RFC 5737", Some(false), false),
        ("203.0.113.0/24", "documentation, RFC 5737", Some(false), false),
        ("240.0.0.0/4", "reserved, RFC 1112", Some(false), false),
        ("255.255.255.255/32", "limited broadcast, RFC 919", Some(false), false),
        ("224.0.0.0/4", "multicast, RFC 5771", None, false),
        // iana-ipv6-special-registry
        ("::1/128", "loopback, RFC 4291", Some(false), false),
        ("::/128", "unspecified, RFC 4291", Some(false), false),
        ("::ffff:10.0.0.0/104", "IPv4-mapped, RFC 4291, by what is inside", Some(false), false),
        ("::ffff:1.1.1.0/120", "IPv4-mapped, RFC 4291, by what is inside", Some(false), true),
        ("64:ff9b::10.0.0.0/104", "NAT64, RFC 6052, by what is inside", Some(true), false),
        ("64:ff9b::1.1.1.0/120", "NAT64, RFC 6052, by what is inside", Some(true), true),
        ("64:ff9b:1::/48", "local NAT64, RFC 8215", Some(false), false),
        ("100::/64", "discard only, RFC 6666", Some(false), false),
        ("100:0:0:1::/64", "dummy prefix, RFC 9780", Some(false), false),
        ("2001::/23", "protocol assignments, RFC 2928", Some(false), false),
        ("2001::/32", "Teredo, RFC 4380", None, false),
        ("2001:1::1/128", "port control anycast, RFC 7723", Some(true), false),
        ("2001:1::2/128", "TURN anycast, RFC 8155", Some(true), false),
        ("2001:1::3/128", "DNS-SD anycast, RFC 9665", Some(true), false),
        ("2001:2::/48", "benchmarking, RFC 5180", Some(false), false),
        ("2001:3::/32", "AMT, RFC 7450", Some(true), false),
        ("2001:4:112::/48", "AS112, RFC 7535", Some(true), false),
        ("2001:10::/28", "former ORCHID, RFC 4843", None, false),
        ("2001:20::/28", "ORCHIDv2, RFC 7343", Some(true), false),
        ("2001:30::/28", "drones' identities, RFC 9374", Some(true), false),
        ("2001:db8::/32", "documentation, RFC 3849", Some(false), false),
        ("2002:a00::/24", "6to4, RFC 3056, by what is inside", None, false),
        ("2002:101:100::/40", "6to4, RFC 3056, by what is inside", None, true),
        ("2620:4f:8000::/48", "AS112, RFC 7534", Some(true), true),
        ("3fff::/20", "documentation, RFC 9637", Some(false), false),
        ("5f00::/16", "segment routing, RFC 9602", Some(false), false),
        ("fc00::/7", "unique local, RFC 4193", Some(false), false),
        ("fe80::/10", "link local, RFC 4291", Some(false), false),
        ("fec0::/10", "former site local, RFC 3879", None, false),
        ("ff00::/8", "multicast, RFC 4291", None, false),
        ("4000::/3", "not given out, RFC 4291", None, false),
    ];

    #[test]
    fn every_block_of_the_registries_is_told_from_its_first_to_its_last_address() {
        for (block, what, reachable, ours) in REGISTRY {
            for address in edges(block) {
                assert_eq!(is_public(address), ours, "{address} of {block} ({what})");
            }
            // What the registries call unreachable is none of ours, but for what travels as IPv4.
            assert!(!ours || reachable != Some(false) || what.contains("inside"), "{block}");
        }
        // Just outside of the blocks that have public neighbours.
        for public in [
            "9.255.255.255",
            "11.0.0.0",
            "100.63.255.255",
            "100.128.0.0",
            "126.255.255.255",
            "128.0.0.0",
            "169.253.255.255",
            "169.255.0.0",
            "172.15.255.255",
            "172.32.0.0",
            "191.255.255.255",
            "192.0.1.0",
            "192.0.3.0",
            "192.88.98.255",
            "192.88.100.0",
            "192.167.255.255",
            "192.169.0.0",
            "198.17.255.255",
            "198.20.0.0",
            "198.51.99.255",
            "198.51.101.0",
            "203.0.112.255",
            "203.0.114.0",
            "223.255.255.255",
            "2000::",
            "2001:200::",
            "2001:db7:ffff::",
            "2001:db9::",
            "2003::",
            "3ffe:ffff::",
            "3fff:1000::",
        ] {
            assert!(is_public(public.parse().unwrap()), "{public}");
        }
    }

    /// The first and last address of a block.
    fn edges(block: &str) -> [IpAddr; 2] {
        let (first, length) = block.split_once('/').unwrap();
        let length: u32 = length.parse().unwrap();
        let first = first.parse().unwrap();
        let last = match first {
            IpAddr::V4(first) => Ipv4Addr::from(u32::from(first) | u32::MAX.checked_shr(length).unwrap_or(0)).into(),
            IpAddr::V6(first) => Ipv6Addr::from(u128::from(first) | u128::MAX.checked_shr(length).unwrap_or(0)).into(),
        };
        [first, last]
    }
}
