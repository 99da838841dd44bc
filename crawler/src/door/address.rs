//! Which addresses belong to the public web. Everything else (our own machine, the local network,
//! a cloud's metadata service) is no business of a crawler that follows strangers' links.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Whether `address` is globally reachable, by the IANA special-purpose registries (RFC 6890 and
/// its updates), with the IPv4 addresses that some IPv6 ranges carry inside looked at too.
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
            "127.0.0.1",
            "127.8.8.8",
            "10.0.0.7",
            "172.16.0.1",
            "192.168.1.1",
            "169.254.169.254",
            "0.0.0.0",
            "0.1.2.3",
            "100.64.0.1",
            "192.0.0.8",
            "192.0.2.1",
            "198.18.0.1",
            "224.0.0.1",
            "255.255.255.255",
            "240.0.0.1",
            "::",
            "::1",
            "::ffff:10.0.0.1",
            "::ffff:127.0.0.1",
            "::7f00:1",
            "fe80::1",
            "fc00::1",
            "fd00:ec2::254",
            "ff02::1",
            "2001:db8::1",
            "2001::1",
            "2002:7f00:1::",
            "2002:a00:1::",
            "64:ff9b::7f00:1",
            "64:ff9b:1::1",
            "100::1",
            "fec0::1",
        ] {
            assert!(!is_public(private.parse().unwrap()), "{private}");
        }
    }
}
