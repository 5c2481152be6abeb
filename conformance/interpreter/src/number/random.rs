//! The Mersenne Twister, seeded and read as Python's `random` does, and its distributions.
//!
//! Each distribution draws in the order of Python's own, so one seed gives the same numbers.

use std::f64::consts::{E, PI, TAU};

use num_bigint::{BigInt, BigUint, Sign};

use super::sha512::sha512;

/// MT19937 (Matsumoto and Nishimura, 1998).
#[derive(Clone)]
pub struct Mt {
    state: [u32; N],
    index: usize,
}

impl Mt {
    /// A generator seeded with an integer's magnitude.
    pub fn from_int(seed: &BigInt) -> Mt {
        let mut key = seed.magnitude().to_u32_digits();
        if key.is_empty() {
            key.push(0);
        }
        Mt::from_key(&key)
    }

    /// A generator seeded with bytes or UTF-8 text (`seed(..., version=2)`).
    pub fn from_bytes(seed: &[u8]) -> Mt {
        let mut long = seed.to_vec();
        long.extend(sha512(seed));
        Mt::from_int(&BigInt::from_bytes_be(Sign::Plus, &long))
    }

    /// A generator seeded with an array of words.
    pub fn from_key(key: &[u32]) -> Mt {
        let mut state = [0u32; N];
        state[0] = 19_650_218;
        for i in 1..N {
            let last = state[i - 1];
            state[i] = (last ^ last >> 30)
                .wrapping_mul(1_812_433_253)
                .wrapping_add(i as u32);
        }
        let mut i = 1;
        let step =
            |i: &mut usize, state: &mut [u32; N], factor: u32, plus: &dyn Fn(usize) -> u32| {
                let last = state[*i - 1];
                state[*i] =
                    (state[*i] ^ (last ^ last >> 30).wrapping_mul(factor)).wrapping_add(plus(*i));
                *i += 1;
                if *i >= N {
                    state[0] = state[N - 1];
                    *i = 1;
                }
            };
        for round in 0..N.max(key.len()) {
            let j = round % key.len().max(1);
            let word = key.get(j).copied().unwrap_or(0);
            step(&mut i, &mut state, 1_664_525, &|_| {
                word.wrapping_add(j as u32)
            });
        }
        for _ in 1..N {
            step(&mut i, &mut state, 1_566_083_941, &|i| {
                (i as u32).wrapping_neg()
            });
        }
        state[0] = 0x8000_0000;
        Mt { state, index: N }
    }

    /// The 624 words and the index, as `getstate` shows them.
    pub fn state(&self) -> (&[u32; N], usize) {
        (&self.state, self.index)
    }

    /// A generator in a given state; `None` for an index past 624.
    pub fn from_state(state: [u32; N], index: usize) -> Option<Mt> {
        (index <= N).then_some(Mt { state, index })
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
}

impl Draw for Mt {
    #[inline]
    fn random(&mut self) -> f64 {
        let (high, low) = (self.next_u32() >> 5, self.next_u32() >> 6);
        (f64::from(high) * 67_108_864.0 + f64::from(low)) / 9_007_199_254_740_992.0
    }

    fn bits64(&mut self, bits: u32) -> u64 {
        match bits {
            0 => 0,
            1..=32 => u64::from(self.next_u32() >> (32 - bits)),
            _ => {
                let low = u64::from(self.next_u32());
                low | u64::from(self.next_u32() >> (64 - bits.min(64))) << 32
            }
        }
    }

    fn bits(&mut self, bits: u64) -> BigInt {
        let mut words = Vec::with_capacity(bits.div_ceil(32) as usize);
        let mut left = bits;
        while left > 0 {
            let word = self.next_u32();
            words.push(if left < 32 { word >> (32 - left) } else { word });
            left = left.saturating_sub(32);
        }
        BigUint::new(words).into()
    }

    #[inline]
    fn below(&mut self, limit: u64) -> u64 {
        let bits = 64 - limit.leading_zeros();
        loop {
            let drawn = self.bits64(bits);
            if drawn < limit {
                return drawn;
            }
        }
    }

    fn below_big(&mut self, limit: &BigInt) -> BigInt {
        loop {
            let drawn = self.bits(limit.bits());
            if &drawn < limit {
                return drawn;
            }
        }
    }
}

/// A source of random numbers, and all that is computed from it.
pub trait Draw {
    /// `random()`: in `[0, 1)`.
    fn random(&mut self) -> f64;

    /// `getrandbits(bits)` for at most 64 bits.
    fn bits64(&mut self, bits: u32) -> u64;

    /// `getrandbits(bits)`.
    fn bits(&mut self, bits: u64) -> BigInt;

    /// A number below `limit`, which is not zero.
    fn below(&mut self, limit: u64) -> u64;

    /// [`Draw::below`] for any positive limit.
    fn below_big(&mut self, limit: &BigInt) -> BigInt;

    /// `randbytes(count)`.
    fn bytes(&mut self, count: usize) -> Vec<u8> {
        let (_, mut bytes) = self.bits(count as u64 * 8).to_bytes_le();
        bytes.resize(count, 0);
        bytes
    }

    // ---- sequences ----

    /// `shuffle`: calls `swap(i, j)`.
    fn shuffle(&mut self, len: usize, mut swap: impl FnMut(usize, usize)) {
        for i in (1..len).rev() {
            swap(i, self.below(i as u64 + 1) as usize);
        }
    }

    /// `sample`: `count` different indexes below `len`; `count <= len`.
    fn sample(&mut self, len: usize, count: usize) -> Vec<usize> {
        // A set's table is small for small samples; past that, 4 slots per 3 items.
        let mut set_size = 21.0;
        if count > 5 {
            set_size += 4f64.powf(((count as f64 * 3.0).ln() / 4f64.ln()).ceil());
        }
        if len as f64 <= set_size {
            let mut pool: Vec<usize> = (0..len).collect();
            return (0..count)
                .map(|i| {
                    let j = self.below((len - i) as u64) as usize;
                    let chosen = pool[j];
                    pool[j] = pool[len - i - 1];
                    chosen
                })
                .collect();
        }
        let mut seen = std::collections::HashSet::with_capacity(count);
        (0..count)
            .map(|_| {
                loop {
                    let j = self.below(len as u64) as usize;
                    if seen.insert(j) {
                        return j;
                    }
                }
            })
            .collect()
    }

    /// `choices` without weights: an index below `len`.
    fn choice_unweighted(&mut self, len: usize) -> usize {
        (self.random() * len as f64).floor() as usize
    }

    /// `choices` with weights summed up: an index into `sums`, which is not empty.
    fn choice_weighted(&mut self, sums: &[f64]) -> usize {
        let Some((&total, but_last)) = sums.split_last() else {
            return 0;
        };
        let point = self.random() * (total + 0.0);
        but_last.partition_point(|&sum| sum <= point)
    }

    // ---- distributions ----

    /// `uniform`.
    fn uniform(&mut self, a: f64, b: f64) -> f64 {
        a + (b - a) * self.random()
    }

    /// `gauss`; `spare` keeps the second of each pair for the next call.
    fn gauss(&mut self, mu: f64, sigma: f64, spare: &mut Option<f64>) -> f64 {
        let z = spare.take().unwrap_or_else(|| {
            let angle = self.random() * TAU;
            let radius = (-2.0 * (1.0 - self.random()).ln()).sqrt();
            *spare = Some(angle.sin() * radius);
            angle.cos() * radius
        });
        mu + z * sigma
    }

    /// `normalvariate` (Kinderman and Monahan's ratio of uniforms).
    fn normal(&mut self, mu: f64, sigma: f64) -> f64 {
        let magic = 4.0 * (-0.5f64).exp() / 2f64.sqrt();
        loop {
            let u1 = self.random();
            let u2 = 1.0 - self.random();
            let z = magic * (u1 - 0.5) / u2;
            if z * z / 4.0 <= -u2.ln() {
                return mu + z * sigma;
            }
        }
    }

    /// `lognormvariate`.
    fn lognormal(&mut self, mu: f64, sigma: f64) -> f64 {
        self.normal(mu, sigma).exp()
    }

    /// `expovariate`; `lambda` is not zero.
    fn exponential(&mut self, lambda: f64) -> f64 {
        -(1.0 - self.random()).ln() / lambda
    }

    /// `triangular`.
    fn triangular(&mut self, mut low: f64, mut high: f64, mode: Option<f64>) -> f64 {
        let mut u = self.random();
        let mut c = match mode {
            None => 0.5,
            Some(_) if high == low => return low,
            Some(mode) => (mode - low) / (high - low),
        };
        if u > c {
            (u, c) = (1.0 - u, 1.0 - c);
            (low, high) = (high, low);
        }
        low + (high - low) * (u * c).sqrt()
    }

    /// `vonmisesvariate` (Fisher).
    fn von_mises(&mut self, mu: f64, kappa: f64) -> f64 {
        if kappa <= 1e-6 {
            return TAU * self.random();
        }
        let s = 0.5 / kappa;
        let r = s + (1.0 + s * s).sqrt();
        let z = loop {
            let z = (PI * self.random()).cos();
            let d = z / (r + z);
            let u = self.random();
            if u < 1.0 - d * d || u <= (1.0 - d) * d.exp() {
                break z;
            }
        };
        let q = 1.0 / r;
        let angle = ((q + z) / (1.0 + q * z)).acos();
        let theta = if self.random() > 0.5 {
            mu + angle
        } else {
            mu - angle
        };
        let rest = theta % TAU;
        if rest < 0.0 { rest + TAU } else { rest }
    }

    /// `gammavariate`; both arguments are positive.
    fn gamma(&mut self, alpha: f64, beta: f64) -> f64 {
        if alpha > 1.0 {
            // Cheng (1977).
            let inverse = (2.0 * alpha - 1.0).sqrt();
            let b = alpha - 4f64.ln();
            let c = alpha + inverse;
            let magic = 1.0 + 4.5f64.ln();
            loop {
                let u1 = self.random();
                if !(1e-7 < u1 && u1 < 0.9999999) {
                    continue;
                }
                let u2 = 1.0 - self.random();
                let v = (u1 / (1.0 - u1)).ln() / inverse;
                let x = alpha * v.exp();
                let z = u1 * u1 * u2;
                let r = b + c * v - x;
                if r + magic - 4.5 * z >= 0.0 || r >= z.ln() {
                    return x * beta;
                }
            }
        }
        if alpha == 1.0 {
            return -(1.0 - self.random()).ln() * beta;
        }
        // Ahrens and Dieter (1974).
        loop {
            let b = (E + alpha) / E;
            let p = b * self.random();
            let x = if p <= 1.0 {
                p.powf(1.0 / alpha)
            } else {
                -((b - p) / alpha).ln()
            };
            let u = self.random();
            if p > 1.0 && u <= x.powf(alpha - 1.0) || p <= 1.0 && u <= (-x).exp() {
                return x * beta;
            }
        }
    }

    /// `betavariate`.
    fn beta(&mut self, alpha: f64, beta: f64) -> f64 {
        let y = self.gamma(alpha, 1.0);
        if y == 0.0 {
            0.0
        } else {
            y / (y + self.gamma(beta, 1.0))
        }
    }

    /// `paretovariate`.
    fn pareto(&mut self, alpha: f64) -> f64 {
        (1.0 - self.random()).powf(-1.0 / alpha)
    }

    /// `weibullvariate`.
    fn weibull(&mut self, alpha: f64, beta: f64) -> f64 {
        alpha * (-(1.0 - self.random()).ln()).powf(1.0 / beta)
    }
}

/// Words of state.
pub const N: usize = 624;

#[cfg(test)]
mod tests {
    use super::*;

    fn seven() -> Mt {
        Mt::from_int(&7.into())
    }

    #[test]
    fn seeds_and_bits() {
        let mut mt = Mt::from_int(&42.into());
        assert_eq!(mt.random(), 0.6394267984578837);
        assert_eq!(
            (mt.bits64(10), mt.bits64(32), mt.bits64(64)),
            (25, 3184935163, 4517457392071889495)
        );
        assert_eq!(
            mt.bits(100),
            "137577423665220539048064734942".parse().unwrap()
        );
        assert_eq!(Mt::from_int(&0.into()).random(), 0.8444218515250481);
        assert_eq!(Mt::from_int(&(-5).into()).random(), 0.6229016948897019);
        assert_eq!(
            Mt::from_int(&((BigInt::from(1) << 100u32) + 3)).random(),
            0.3567616365770526
        );
        assert_eq!(Mt::from_bytes(b"hello").random(), 0.3537754404730722);
        assert_eq!(Mt::from_bytes(b"xyz").random(), 0.9371584003394712);
        let one = Mt::from_int(&1.into());
        let (state, index) = one.state();
        assert_eq!(
            (state[..3].to_vec(), index),
            (vec![2147483648, 163610392, 3414454684], 624)
        );
    }

    #[test]
    fn sequences() {
        let mut mt = seven();
        assert_eq!(
            [mt.below(1000), mt.below(1000), mt.below(1000)],
            [331, 970, 154]
        );
        let mut items: Vec<usize> = (0..8).collect();
        seven().shuffle(8, |i, j| items.swap(i, j));
        assert_eq!(items, [6, 7, 2, 4, 0, 3, 1, 5]);
        assert_eq!(seven().sample(10, 4), [5, 2, 6, 9]);
        assert_eq!(seven().sample(1000, 5), [331, 970, 154, 404, 666]);
        let mut mt = seven();
        assert_eq!(
            [(); 4].map(|()| mt.choice_weighted(&[1.0, 3.0, 6.0])),
            [1, 0, 2, 0]
        );
        assert_eq!(seven().bytes(5), [0x38, 0xb4, 0xe6, 0x52, 0xf2]);
    }

    #[test]
    fn distributions() {
        fn three(mut draw: impl FnMut(&mut Mt) -> f64) -> [f64; 3] {
            let mut mt = seven();
            [(); 3].map(|()| draw(&mut mt))
        }
        let mut spare = None;
        assert_eq!(
            three(|mt| mt.gauss(1.0, 2.0, &mut spare)),
            [0.4882394231047992, 2.022863025033028, 0.5478076704337906]
        );
        assert_eq!(
            three(|mt| mt.normal(1.0, 2.0)),
            [0.28818350097885714, 1.5583061868775747, 1.194089545240003]
        );
        assert_eq!(
            three(|mt| mt.exponential(1.5)),
            [0.2608765628232029, 0.10901230467031876, 0.7016637453806179]
        );
        assert_eq!(
            three(|mt| mt.triangular(0.0, 1.0, Some(0.3))),
            [0.3120195754116355, 0.21273164357318958, 0.5056864670352406]
        );
        assert_eq!(
            three(|mt| mt.beta(2.0, 3.0)),
            [0.24802027761772663, 0.7158946850694241, 0.24576078996418357]
        );
        assert_eq!(
            three(|mt| mt.gamma(2.5, 1.5)),
            [2.595162759087551, 5.1209015122933845, 4.029504547407541]
        );
        assert_eq!(
            three(|mt| mt.gamma(0.5, 2.0)),
            [0.2939887783708758, 1.1878557988950031, 0.8050586563612188]
        );
        assert_eq!(
            three(|mt| mt.von_mises(1.0, 2.0)),
            [1.386417132999003, 0.9198520696620509, 0.9359138804464577]
        );
        assert_eq!(
            three(|mt| mt.pareto(3.0)),
            [1.1393276200311298, 1.056018973376398, 1.4202485232748243]
        );
        assert_eq!(
            three(|mt| mt.weibull(1.0, 2.0)),
            [0.6255516319495972, 0.4043741547199551, 1.0259120908103807]
        );
    }
}
