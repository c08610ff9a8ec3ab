//! Chance, by a seed.

/// Small, fast and repeatable (xorshift64*).
#[derive(Clone, Debug)]
pub struct Dice(u64);

impl Dice {
    /// Dice whose rolls the seed decides.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        let mut dice = Self(seed.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
        // Seeds that are near each other begin alike.
        for _ in 0..8 {
            dice.next();
        }
        dice
    }

    /// Dice of their own, so that what one part rolls does not change what another does.
    #[must_use]
    pub fn fork(&mut self, label: u64) -> Self {
        Self::new(self.next() ^ label.rotate_left(32))
    }

    /// A number below `sides`, which is not 0.
    pub fn roll(&mut self, sides: u64) -> u64 {
        (self.next() >> 16) % sides
    }

    /// A number from `low` to `high`.
    pub fn between(&mut self, low: u64, high: u64) -> u64 {
        low + self.roll(high.saturating_sub(low) + 1)
    }

    /// Whether something happens that happens so many times in a thousand.
    pub fn chance(&mut self, per_mille: u64) -> bool {
        self.roll(1_000) < per_mille
    }

    /// One of several; none of none.
    pub fn pick<'a, T>(&mut self, of: &'a [T]) -> Option<&'a T> {
        let count = of.len() as u64;
        (count > 0).then(|| &of[self.roll(count) as usize])
    }

    /// A number that is used once.
    pub fn number(&mut self) -> u128 {
        u128::from(self.next()) << 64 | u128::from(self.next())
    }

    fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_rolls_the_same() {
        let rolls = |seed| {
            let mut dice = Dice::new(seed);
            (0..50).map(|_| dice.roll(6)).collect::<Vec<_>>()
        };
        assert_eq!(rolls(3), rolls(3));
        assert_ne!(rolls(3), rolls(4));
        for side in 0..6 {
            assert!(rolls(3).contains(&side), "{side} never comes");
        }
    }

    #[test]
    fn a_fork_does_not_change_what_its_origin_rolls_later() {
        let mut one = Dice::new(1);
        let mut other = Dice::new(1);
        let (mut fork, _unused) = (one.fork(7), other.fork(7));
        fork.roll(10);
        assert_eq!(one.roll(1_000), other.roll(1_000));
    }
}
