//! XTS (IEEE 1619) over AES-256, for whole blocks.
//!
//! The blocks of a sector go through the cipher together, so that the processor works on several
//! at once; a block at a time is three times slower. The tests hold it against the `xts-mode`
//! crate.

use aes::Aes256;
use aes::cipher::{Array, Block, BlockCipherDecrypt, BlockCipherEncrypt, KeyInit};

use super::key::StorageKey;

/// The length of a cipher block, in bytes.
pub(super) const BLOCK: usize = 16;

/// The two ciphers of XTS.
pub(super) struct Xts {
    data: Aes256,
    tweak: Aes256,
}

impl Xts {
    pub(super) fn new(key: &StorageKey) -> Self {
        let (data, tweak) = key.halves();
        let cipher = |half: &[u8]| {
            // A half has 32 bytes, which is the length of an AES-256 key.
            Aes256::new_from_slice(half).expect("half a storage key is an AES-256 key")
        };
        Self { data: cipher(data), tweak: cipher(tweak) }
    }

    /// Encrypts a sector in place. Its length is a multiple of [`BLOCK`].
    pub(super) fn encrypt(&self, sector: &mut [u8], tweak: [u8; BLOCK]) {
        let first = self.first_mask(tweak);
        let blocks = whole_blocks(sector);
        mask(blocks, first);
        self.data.encrypt_blocks(blocks);
        mask(blocks, first);
    }

    /// Decrypts a sector in place. Its length is a multiple of [`BLOCK`].
    pub(super) fn decrypt(&self, sector: &mut [u8], tweak: [u8; BLOCK]) {
        let first = self.first_mask(tweak);
        let blocks = whole_blocks(sector);
        mask(blocks, first);
        self.data.decrypt_blocks(blocks);
        mask(blocks, first);
    }

    fn first_mask(&self, tweak: [u8; BLOCK]) -> u128 {
        let mut block = Array(tweak);
        self.tweak.encrypt_block(&mut block);
        u128::from_le_bytes(block.into())
    }
}

fn whole_blocks(sector: &mut [u8]) -> &mut [Block<Aes256>] {
    let (blocks, rest) = Block::<Aes256>::slice_as_chunks_mut(sector);
    assert!(rest.is_empty(), "a sector is whole blocks");
    blocks
}

/// Masks each block by its tweak: the first one's times α, α², and so on, in GF(2¹²⁸).
fn mask(blocks: &mut [Block<Aes256>], first: u128) {
    let mut tweak = first;
    for block in blocks {
        let masked = u128::from_le_bytes((*block).into()) ^ tweak;
        *block = Array(masked.to_le_bytes());
        let carry = tweak >> 127;
        tweak = (tweak << 1) ^ (carry * 0x87);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use xts_mode::Xts128;

    use super::*;

    proptest! {
        #[test]
        fn it_is_what_another_implementation_says(
            key in any::<[u8; 32]>(), other in any::<[u8; 32]>(), tweak in any::<[u8; BLOCK]>(),
            seed in any::<u8>(), blocks in 1_usize..257,
        ) {
            prop_assume!(key != other);
            let plain: Vec<u8> = (0..blocks * BLOCK).map(|place| seed.wrapping_add((place * 7) as u8)).collect();
            let storage_key = StorageKey::new([key, other].concat().try_into().unwrap()).unwrap();
            let xts = Xts::new(&storage_key);
            let mut ours = plain.clone();
            xts.encrypt(&mut ours, tweak);
            let mut theirs = plain.clone();
            Xts128::new(Aes256::new(&Array(key)), Aes256::new(&Array(other))).encrypt_sector(&mut theirs, Array(tweak));
            prop_assert_eq!(&ours, &theirs);
            xts.decrypt(&mut ours, tweak);
            prop_assert_eq!(ours, plain);
        }
    }
}
