//! BLAKE2b and BLAKE2s (RFC 7693), with all their parameters.

/// A word of the state.
trait Word: Copy {
    const ROUNDS: usize;
    const ROTATIONS: [u32; 4];
    const START: [Self; 8];
    fn zero() -> Self;
    fn add(self, other: Self) -> Self;
    fn xor(self, other: Self) -> Self;
    fn not(self) -> Self;
    fn turn(self, by: u32) -> Self;
    fn from_bytes(bytes: &[u8]) -> Self;
    fn to_bytes(self) -> Vec<u8>;
    fn low(count: u128) -> [Self; 2];
}

macro_rules! word {
    ($word:ty, $rounds:literal, $rotations:expr, $start:expr) => {
        impl Word for $word {
            const ROUNDS: usize = $rounds;
            const ROTATIONS: [u32; 4] = $rotations;
            const START: [$word; 8] = $start;
            fn zero() -> $word {
                0
            }
            fn add(self, other: $word) -> $word {
                self.wrapping_add(other)
            }
            fn xor(self, other: $word) -> $word {
                self ^ other
            }
            fn not(self) -> $word {
                !self
            }
            fn turn(self, by: u32) -> $word {
                self.rotate_right(by)
            }
            fn from_bytes(bytes: &[u8]) -> $word {
                <$word>::from_le_bytes(bytes.try_into().unwrap_or_default())
            }
            fn to_bytes(self) -> Vec<u8> {
                self.to_le_bytes().into()
            }
            fn low(count: u128) -> [$word; 2] {
                [count as $word, (count >> <$word>::BITS) as $word]
            }
        }
    };
}

word!(
    u64,
    12,
    [32, 24, 16, 63],
    [
        0x6A09_E667_F3BC_C908,
        0xBB67_AE85_84CA_A73B,
        0x3C6E_F372_FE94_F82B,
        0xA54F_F53A_5F1D_36F1,
        0x510E_527F_ADE6_82D1,
        0x9B05_688C_2B3E_6C1F,
        0x1F83_D9AB_FB41_BD6B,
        0x5BE0_CD19_137E_2179,
    ]
);
word!(
    u32,
    10,
    [16, 12, 8, 7],
    [
        0x6A09_E667,
        0xBB67_AE85,
        0x3C6E_F372,
        0xA54F_F53A,
        0x510E_527F,
        0x9B05_688C,
        0x1F83_D9AB,
        0x5BE0_CD19,
    ]
);

const ORDERS: [[usize; 16]; 10] = [
    [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15],
    [14, 10, 4, 8, 9, 15, 13, 6, 1, 12, 0, 2, 11, 7, 5, 3],
    [11, 8, 12, 0, 5, 2, 15, 13, 10, 14, 3, 6, 7, 1, 9, 4],
    [7, 9, 3, 1, 13, 12, 11, 14, 2, 6, 5, 10, 4, 0, 15, 8],
    [9, 0, 5, 7, 2, 4, 10, 15, 14, 1, 11, 12, 6, 8, 3, 13],
    [2, 12, 6, 10, 0, 11, 8, 3, 4, 13, 7, 5, 15, 14, 1, 9],
    [12, 5, 1, 15, 14, 13, 4, 10, 0, 7, 6, 3, 9, 2, 8, 11],
    [13, 11, 7, 14, 12, 1, 3, 9, 5, 0, 15, 4, 8, 6, 2, 10],
    [6, 15, 14, 9, 11, 3, 0, 8, 12, 2, 13, 7, 1, 4, 10, 5],
    [10, 2, 8, 4, 7, 6, 1, 5, 15, 11, 9, 14, 3, 12, 13, 0],
];

/// Which words a step mixes.
const MIXED: [[usize; 4]; 8] = [
    [0, 4, 8, 12],
    [1, 5, 9, 13],
    [2, 6, 10, 14],
    [3, 7, 11, 15],
    [0, 5, 10, 15],
    [1, 6, 11, 12],
    [2, 7, 8, 13],
    [3, 4, 9, 14],
];

#[derive(Clone)]
struct State<W> {
    words: [W; 8],
    /// Data that were not mixed in: the last block is treated differently.
    waiting: Vec<u8>,
    count: u128,
    size: usize,
    last_node: bool,
}

impl<W: Word> State<W> {
    fn block() -> usize {
        16 * size_of::<W>()
    }

    fn new(parameters: &[u8], size: usize, last_node: bool) -> State<W> {
        let mut words = W::START;
        for (word, bytes) in words.iter_mut().zip(parameters.chunks(size_of::<W>())) {
            *word = word.xor(W::from_bytes(bytes));
        }
        State {
            words,
            waiting: Vec::new(),
            count: 0,
            size,
            last_node,
        }
    }

    fn mix(&mut self, block: &[u8], last: bool) {
        let mut message = [W::zero(); 16];
        for (word, bytes) in message.iter_mut().zip(block.chunks(size_of::<W>())) {
            *word = W::from_bytes(bytes);
        }
        let mut v = [W::zero(); 16];
        v[..8].copy_from_slice(&self.words);
        v[8..].copy_from_slice(&W::START);
        let [low, high] = W::low(self.count);
        v[12] = v[12].xor(low);
        v[13] = v[13].xor(high);
        if last {
            v[14] = v[14].not();
            if self.last_node {
                v[15] = v[15].not();
            }
        }
        for round in 0..W::ROUNDS {
            let order = &ORDERS[round % 10];
            for (step, [a, b, c, d]) in MIXED.into_iter().enumerate() {
                let (x, y) = (message[order[2 * step]], message[order[2 * step + 1]]);
                let [r0, r1, r2, r3] = W::ROTATIONS;
                v[a] = v[a].add(v[b]).add(x);
                v[d] = v[d].xor(v[a]).turn(r0);
                v[c] = v[c].add(v[d]);
                v[b] = v[b].xor(v[c]).turn(r1);
                v[a] = v[a].add(v[b]).add(y);
                v[d] = v[d].xor(v[a]).turn(r2);
                v[c] = v[c].add(v[d]);
                v[b] = v[b].xor(v[c]).turn(r3);
            }
        }
        for at in 0..8 {
            self.words[at] = self.words[at].xor(v[at]).xor(v[at + 8]);
        }
    }

    fn update(&mut self, mut data: &[u8]) {
        let block = Self::block();
        while !data.is_empty() {
            if self.waiting.len() == block {
                self.count += block as u128;
                let full = std::mem::take(&mut self.waiting);
                self.mix(&full, false);
            }
            let more = data.len().min(block - self.waiting.len());
            self.waiting.extend_from_slice(&data[..more]);
            data = &data[more..];
        }
    }

    fn digest(mut self) -> Vec<u8> {
        self.count += self.waiting.len() as u128;
        let mut last = std::mem::take(&mut self.waiting);
        last.resize(Self::block(), 0);
        self.mix(&last, true);
        let mut out: Vec<u8> = self.words.into_iter().flat_map(W::to_bytes).collect();
        out.truncate(self.size);
        out
    }
}

/// What a digest depends on besides the data.
pub struct Parameters<'a> {
    /// Bytes of the digest.
    pub size: usize,
    /// The key.
    pub key: &'a [u8],
    /// The salt.
    pub salt: &'a [u8],
    /// The personalization.
    pub person: &'a [u8],
    /// Children of a node of a tree.
    pub fanout: u8,
    /// Levels of the tree.
    pub depth: u8,
    /// Bytes of a leaf.
    pub leaf_size: u32,
    /// Where the node is.
    pub node_offset: u64,
    /// How high it is.
    pub node_depth: u8,
    /// Bytes of digests within the tree.
    pub inner_size: u8,
    /// Whether it is the last of its level.
    pub last_node: bool,
}

/// One of the two.
#[derive(Clone)]
pub struct Blake2(Kind);

#[derive(Clone)]
enum Kind {
    Wide(Box<State<u64>>),
    Narrow(Box<State<u32>>),
}

impl Blake2 {
    /// A digest of nothing so far.
    pub fn new(wide: bool, p: &Parameters<'_>) -> Blake2 {
        let half = if wide { 16 } else { 8 };
        let mut bytes = vec![p.size as u8, p.key.len() as u8, p.fanout, p.depth];
        bytes.extend_from_slice(&p.leaf_size.to_le_bytes());
        let offset = p.node_offset.to_le_bytes();
        bytes.extend_from_slice(if wide { &offset } else { &offset[..6] });
        bytes.extend_from_slice(&[p.node_depth, p.inner_size]);
        bytes.resize(2 * half, 0);
        bytes.extend_from_slice(p.salt);
        bytes.resize(3 * half, 0);
        bytes.extend_from_slice(p.person);
        bytes.resize(4 * half, 0);
        let mut made = Blake2(if wide {
            Kind::Wide(Box::new(State::new(&bytes, p.size, p.last_node)))
        } else {
            Kind::Narrow(Box::new(State::new(&bytes, p.size, p.last_node)))
        });
        if !p.key.is_empty() {
            let mut block = p.key.to_vec();
            block.resize(made.block(), 0);
            made.update(&block);
        }
        made
    }

    /// Bytes of a block.
    pub fn block(&self) -> usize {
        match &self.0 {
            Kind::Wide(_) => 128,
            Kind::Narrow(_) => 64,
        }
    }

    /// Bytes of the digest.
    pub fn size(&self) -> usize {
        match &self.0 {
            Kind::Wide(state) => state.size,
            Kind::Narrow(state) => state.size,
        }
    }

    /// Takes data in.
    pub fn update(&mut self, data: &[u8]) {
        match &mut self.0 {
            Kind::Wide(state) => state.update(data),
            Kind::Narrow(state) => state.update(data),
        }
    }

    /// The digest of the data so far.
    pub fn digest(self) -> Vec<u8> {
        match self.0 {
            Kind::Wide(state) => state.digest(),
            Kind::Narrow(state) => state.digest(),
        }
    }
}
