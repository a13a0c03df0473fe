//! From which address a request comes. What a proxy says of it is believed of configured proxies
//! only, because anybody can say it.

use axum::http::HeaderMap;
use std::net::{IpAddr, Ipv6Addr};

const FORWARDED: &str = "x-forwarded-for";

/// The address that limits count by.
pub fn find(connected: IpAddr, headers: &HeaderMap, proxies: &[IpAddr]) -> IpAddr {
    let said: Vec<&str> = headers
        .get_all(FORWARDED)
        .iter()
        .flat_map(|value| value.to_str().unwrap_or_default().split(','))
        .map(str::trim)
        .collect();
    // Each proxy adds the address it saw at the end: the last one that is no proxy is the peer.
    let mut peer = connected;
    for address in said.iter().rev() {
        let Ok(before) = address.parse() else { break };
        if !proxies.contains(&peer.to_canonical()) {
            break;
        }
        peer = before;
    }
    network(peer.to_canonical())
}

/// One customer of a provider has a whole /64 of addresses.
fn network(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(address) => Ipv6Addr::from_bits(address.to_bits() & !u128::from(u64::MAX)).into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(connected: &str, forwarded: &[&'static str], expected: &str) {
        let proxies = ["10.0.0.1".parse().expect("address"), "127.0.0.1".parse().expect("address")];
        let mut headers = HeaderMap::new();
        for value in forwarded {
            headers.append(FORWARDED, value.parse().expect("header"));
        }
        let found = find(connected.parse().expect("address"), &headers, &proxies);
        assert_eq!(found.to_string(), expected);
    }

    #[test]
    fn only_a_configured_proxy_is_believed() {
        check("192.0.2.7", &[], "192.0.2.7");
        check("192.0.2.7", &["198.51.100.1"], "192.0.2.7");
        check("10.0.0.1", &["198.51.100.1"], "198.51.100.1");
        check("::ffff:10.0.0.1", &["198.51.100.1"], "198.51.100.1");
        check("127.0.0.1", &["203.0.113.9, 198.51.100.1, 10.0.0.1"], "198.51.100.1");
        check("127.0.0.1", &["203.0.113.9", "198.51.100.1"], "198.51.100.1");
        check("127.0.0.1", &["10.0.0.1"], "10.0.0.1");
        check("127.0.0.1", &["whatever, 198.51.100.1"], "198.51.100.1");
        check("127.0.0.1", &["198.51.100.1, whatever"], "127.0.0.1");
    }

    #[test]
    fn addresses_of_one_network_count_as_one() {
        check("2001:db8:1:2:aaaa::1", &[], "2001:db8:1:2::");
        check("2001:db8:1:2:bbbb::1", &[], "2001:db8:1:2::");
    }
}
