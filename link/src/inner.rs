//! Which addresses are inner ones.

use std::net::IpAddr;

/// Whether an address is one that the outside cannot reach: loopback, or of a private network
/// (RFC 1918, RFC 4193, link-local). The address that stands for all of a machine's is none, since
/// it would open the door on the outer ones too (R0-20.3c).
pub fn is_inner(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => {
            address.is_loopback() || address.is_private() || address.is_link_local()
        }
        IpAddr::V6(address) => match address.to_ipv4_mapped() {
            Some(mapped) => is_inner(mapped.into()),
            None => {
                address.is_loopback()
                    || address.is_unique_local()
                    || address.is_unicast_link_local()
            }
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // R0-20.3c
    #[test]
    fn inner_addresses_are_told_from_outer_ones() {
        let inner = ["127.0.0.1", "10.1.2.3", "172.31.0.1", "192.168.7.7", "::1", "fd00::1"];
        let outer = ["0.0.0.0", "::", "8.8.8.8", "172.32.0.1", "2a00::1", "::ffff:8.8.8.8"];
        for (address, expected) in
            inner.map(|text| (text, true)).into_iter().chain(outer.map(|text| (text, false)))
        {
            let parsed: IpAddr = address.parse().unwrap_or_else(|_| panic!("{address}"));
            assert_eq!(is_inner(parsed), expected, "{address}");
        }
    }
}
