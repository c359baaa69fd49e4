//! Where nothing is ever sent: addresses inside, however a name leads to them.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use ureq::Error;
use ureq::config::Config;
use ureq::http::Uri;
use ureq::unversioned::resolver::{DefaultResolver, ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::NextTimeout;

/// Looks a name up, and gives no address that is not public. What is connected to is what was looked at: the name
/// is not looked up again.
#[derive(Debug)]
pub struct PublicAlone {
    /// Whether this machine itself counts, as for a demonstration.
    pub or_here: bool,
}

impl Resolver for PublicAlone {
    fn resolve(
        &self,
        uri: &Uri,
        config: &Config,
        timeout: NextTimeout,
    ) -> Result<ResolvedSocketAddrs, Error> {
        let found = DefaultResolver::default().resolve(uri, config, timeout)?;
        let fits = |at: &SocketAddr| is_public(at.ip()) || self.or_here && at.ip().is_loopback();
        // One that does not fit is no mistake that the next one makes good.
        match found.iter().all(fits) {
            true => Ok(found),
            false => Err(Error::Io(io::ErrorKind::PermissionDenied.into())),
        }
    }
}

/// Whether an address is one of the public internet (IANA's registries of special-purpose addresses, RFC 6890).
pub fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => !INSIDE_V4.iter().any(|block| block.holds(address)),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

/// A block of addresses: where it begins, and how many bits they have in common.
struct Block(Ipv4Addr, u32);

impl Block {
    fn holds(&self, address: Ipv4Addr) -> bool {
        let rest = 32 - self.1;
        address.to_bits() >> rest == self.0.to_bits() >> rest
    }
}

/// This host, private, shared (CGNAT), loopback, link-local, protocol assignments, documentation, relays,
/// benchmarks, multicast, reserved and broadcast.
const INSIDE_V4: [Block; 15] = [
    Block(Ipv4Addr::new(0, 0, 0, 0), 8),
    Block(Ipv4Addr::new(10, 0, 0, 0), 8),
    Block(Ipv4Addr::new(100, 64, 0, 0), 10),
    Block(Ipv4Addr::new(127, 0, 0, 0), 8),
    Block(Ipv4Addr::new(169, 254, 0, 0), 16),
    Block(Ipv4Addr::new(172, 16, 0, 0), 12),
    Block(Ipv4Addr::new(192, 0, 0, 0), 24),
    Block(Ipv4Addr::new(192, 0, 2, 0), 24),
    Block(Ipv4Addr::new(192, 88, 99, 0), 24),
    Block(Ipv4Addr::new(192, 168, 0, 0), 16),
    Block(Ipv4Addr::new(198, 18, 0, 0), 15),
    Block(Ipv4Addr::new(198, 51, 100, 0), 24),
    Block(Ipv4Addr::new(203, 0, 113, 0), 24),
    Block(Ipv4Addr::new(224, 0, 0, 0), 4),
    Block(Ipv4Addr::new(240, 0, 0, 0), 4),
];

/// Global unicast is `2000::/3`; within it, `2001::/23` is for protocols, `2002::/16` hides addresses of
/// version 4, and `2001:db8::/32` and `3fff::/20` are for documentation. Everything else, as loopback, ULA,
/// link-local, multicast and mapped addresses, is outside of it.
fn is_public_v6(address: Ipv6Addr) -> bool {
    let [first, second, ..] = address.segments();
    let global = first >> 13 == 1;
    let special = matches!((first, second), (0x2001, 0..=0x01ff | 0x0db8) | (0x2002, _))
        || first == 0x3fff && second >> 12 == 0;
    global && !special
}
