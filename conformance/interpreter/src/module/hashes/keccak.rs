//! SHA-3 and SHAKE: the sponge of FIPS 202.

/// A sponge that takes data in.
#[derive(Clone)]
pub struct Sponge {
    lanes: [u64; 25],
    /// Bytes of the state that data go into.
    rate: usize,
    /// Bytes of the present block so far.
    at: usize,
    /// The bits behind the data.
    suffix: u8,
}

const ROTATIONS: [u32; 24] = [
    1, 3, 6, 10, 15, 21, 28, 36, 45, 55, 2, 14, 27, 41, 56, 8, 25, 43, 62, 18, 39, 61, 20, 44,
];

const LANES: [usize; 24] = [
    10, 7, 11, 17, 18, 3, 5, 16, 8, 21, 24, 4, 15, 23, 19, 13, 12, 2, 20, 14, 22, 9, 6, 1,
];

/// The constants of the rounds, from the shift register that defines them.
const CONSTANTS: [u64; 24] = {
    let mut constants = [0; 24];
    let mut register = 1u8;
    let mut round = 0;
    while round < 24 {
        let mut bit = 0;
        while bit < 7 {
            if register & 1 != 0 {
                constants[round] |= 1 << ((1 << bit) - 1);
            }
            let carry = register & 0x80 != 0;
            register = register << 1 ^ if carry { 0x71 } else { 0 };
            bit += 1;
        }
        round += 1;
    }
    constants
};

fn permute(a: &mut [u64; 25]) {
    for constant in CONSTANTS {
        let mut columns = [0; 5];
        for (x, column) in columns.iter_mut().enumerate() {
            *column = a[x] ^ a[x + 5] ^ a[x + 10] ^ a[x + 15] ^ a[x + 20];
        }
        for x in 0..5 {
            let mix = columns[(x + 4) % 5] ^ columns[(x + 1) % 5].rotate_left(1);
            for y in 0..5 {
                a[x + 5 * y] ^= mix;
            }
        }
        let mut moved = a[1];
        for (lane, rotation) in LANES.into_iter().zip(ROTATIONS) {
            moved = std::mem::replace(&mut a[lane], moved.rotate_left(rotation));
        }
        for row in a.chunks_mut(5) {
            let before = [row[0], row[1], row[2], row[3], row[4]];
            for x in 0..5 {
                row[x] = before[x] ^ (!before[(x + 1) % 5] & before[(x + 2) % 5]);
            }
        }
        a[0] ^= constant;
    }
}

impl Sponge {
    /// An empty sponge.
    pub fn new(rate: usize, suffix: u8) -> Sponge {
        Sponge {
            lanes: [0; 25],
            rate,
            at: 0,
            suffix,
        }
    }

    /// Bytes of a block.
    pub fn rate(&self) -> usize {
        self.rate
    }

    fn xor(&mut self, at: usize, byte: u8) {
        self.lanes[at / 8] ^= u64::from(byte) << (8 * (at % 8));
    }

    /// Takes data in.
    pub fn update(&mut self, data: &[u8]) {
        for byte in data {
            self.xor(self.at, *byte);
            self.at += 1;
            if self.at == self.rate {
                permute(&mut self.lanes);
                self.at = 0;
            }
        }
    }

    /// So many bytes of what comes out after the data.
    pub fn output(mut self, len: usize) -> Vec<u8> {
        self.xor(self.at, self.suffix);
        self.xor(self.rate - 1, 0x80);
        let mut out = Vec::with_capacity(len);
        while out.len() < len {
            permute(&mut self.lanes);
            let block = self.lanes.iter().flat_map(|lane| lane.to_le_bytes());
            let more = (len - out.len()).min(self.rate);
            out.extend(block.take(more));
        }
        out
    }
}
