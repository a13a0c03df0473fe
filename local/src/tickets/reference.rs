//! The number that is said at the desk, as in `K7QMR-17`: device, then count.
//!
//! It is given without a network, so it must not meet another laptop's. The first part follows from
//! the device's id, whose end is random; the second counts what the device has written, and is
//! never used again, not even by a restored file. Letters that are mistaken for digits are left out.

use guildhall_sync::id::DeviceId;

const LETTERS: &[u8; 32] = b"23456789ABCDEFGHJKLMNPQRSTUVWXYZ";
/// One of 33 million.
const LENGTH: usize = 5;

pub fn of(device: DeviceId, count: u64) -> String {
    let mut rest = device.0.as_u128();
    let mut code = String::with_capacity(LENGTH);
    for _ in 0..LENGTH {
        let at = usize::try_from(rest % 32).expect("it is less than 32");
        code.push(char::from(LETTERS[at]));
        rest /= 32;
    }
    format!("{code}-{count}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    #[test]
    fn devices_of_one_moment_have_codes_of_their_own() {
        let of = |id: u128| of(DeviceId(Uuid::from_u128(id)), 17);
        assert_eq!(of(0), "22222-17");
        assert_eq!(of((1 << 25) - 1), "ZZZZZ-17");
        assert_ne!(of(1), of(2));
    }
}
