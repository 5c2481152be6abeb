//! The Mersenne Twister MT19937 (Matsumoto and Nishimura, 1998), seeded and read as Python's `_random` does.

use crate::prelude::*;
use num_bigint::{BigInt, BigUint};

/// Words of the state.
pub const N: usize = 624;

/// A generator.
#[derive(Clone)]
pub struct Twister {
    state: [u32; N],
    index: usize,
}

impl Twister {
    /// A generator seeded with an integer's magnitude.
    pub fn from_int(seed: &BigInt) -> Twister {
        let mut key = seed.magnitude().to_u32_digits();
        if key.is_empty() {
            key.push(0);
        }
        Twister::from_key(&key)
    }

    /// A generator seeded with an array of words.
    pub fn from_key(key: &[u32]) -> Twister {
        let mut state = [0u32; N];
        state[0] = 19_650_218;
        for i in 1..N {
            let last = state[i - 1];
            state[i] = (last ^ last >> 30)
                .wrapping_mul(1_812_433_253)
                .wrapping_add(i as u32);
        }
        let mut i = 1;
        let mut mix = |factor: u32, plus: &dyn Fn(usize) -> u32| {
            let last = state[i - 1];
            state[i] = (state[i] ^ (last ^ last >> 30).wrapping_mul(factor)).wrapping_add(plus(i));
            i += 1;
            if i >= N {
                state[0] = state[N - 1];
                i = 1;
            }
        };
        for round in 0..N.max(key.len()) {
            let j = round % key.len().max(1);
            let word = key.get(j).copied().unwrap_or(0);
            mix(1_664_525, &|_| word.wrapping_add(j as u32));
        }
        for _ in 1..N {
            mix(1_566_083_941, &|i| (i as u32).wrapping_neg());
        }
        state[0] = 0x8000_0000;
        Twister { state, index: N }
    }

    /// The words and the index of the next, as `getstate` shows them.
    pub fn state(&self) -> (&[u32; N], usize) {
        (&self.state, self.index)
    }

    /// A generator in a given state; `None` for an index behind the words.
    pub fn from_state(state: [u32; N], index: usize) -> Option<Twister> {
        (index <= N).then_some(Twister { state, index })
    }

    /// 32 random bits.
    #[inline]
    pub fn next_u32(&mut self) -> u32 {
        if self.index >= N {
            self.refill();
        }
        let mut y = self.state[self.index];
        self.index += 1;
        y ^= y >> 11;
        y ^= y << 7 & 0x9D2C_5680;
        y ^= y << 15 & 0xEFC6_0000;
        y ^ y >> 18
    }

    #[cold]
    fn refill(&mut self) {
        for i in 0..N {
            let y = self.state[i] & 0x8000_0000 | self.state[(i + 1) % N] & 0x7FFF_FFFF;
            let odd = if y & 1 == 1 { 0x9908_B0DF } else { 0 };
            self.state[i] = self.state[(i + 397) % N] ^ y >> 1 ^ odd;
        }
        self.index = 0;
    }

    /// A number in `[0, 1)`.
    #[inline]
    pub fn random(&mut self) -> f64 {
        let (high, low) = (self.next_u32() >> 5, self.next_u32() >> 6);
        (f64::from(high) * 67_108_864.0 + f64::from(low)) / 9_007_199_254_740_992.0
    }

    /// So many random bits, at most 64.
    pub fn bits64(&mut self, bits: u32) -> u64 {
        match bits {
            0 => 0,
            1..=32 => u64::from(self.next_u32() >> (32 - bits)),
            _ => {
                let low = u64::from(self.next_u32());
                low | u64::from(self.next_u32() >> (64 - bits.min(64))) << 32
            }
        }
    }

    /// So many random bits.
    pub fn bits(&mut self, bits: u64) -> BigInt {
        let mut words = Vec::with_capacity(bits.div_ceil(32) as usize);
        let mut left = bits;
        while left > 0 {
            let word = self.next_u32();
            words.push(if left < 32 { word >> (32 - left) } else { word });
            left = left.saturating_sub(32);
        }
        BigUint::new(words).into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_seed_gives_the_known_numbers() {
        // The reference implementation's first outputs for its own test key.
        let mut twister = Twister::from_key(&[0x123, 0x234, 0x345, 0x456]);
        let first = [(); 5].map(|()| twister.next_u32());
        assert_eq!(
            first,
            [1067595299, 955945823, 477289528, 4107218783, 4228976476]
        );
    }

    #[test]
    fn a_state_continues_where_it_was_taken() {
        let mut one = Twister::from_int(&BigInt::from(42));
        one.random();
        let (state, index) = one.state();
        let mut other = Twister::from_state(*state, index).unwrap();
        assert_eq!(one.bits(200), other.bits(200));
        assert_eq!(one.bits64(40), other.bits64(40));
        assert!(Twister::from_state([0; N], N + 1).is_none());
    }
}
