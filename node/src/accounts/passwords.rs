//! Passwords: hashed with argon2id, off the threads that answer requests, a bounded number at a time.
//!
//! A hash takes tens of milliseconds and megabytes on purpose. So that a crowd that signs in does not take the processor
//! away from those who buy, at most half of the processors hash, a bounded number waits, and more are refused at once.
//!
//! Signing in takes the same work whether the e-mail address is known or not: an unknown one is checked against a decoy.

use std::fmt;
use std::sync::Arc;
use std::thread::available_parallelism;

use argon2::{Algorithm, Argon2, Params, Version};
use marquee_config::PasswordCost;
use serde::{Deserialize, Serialize};
use subtle::ConstantTimeEq;
use tokio::sync::Semaphore;
use unicode_normalization::UnicodeNormalization;
use zeroize::Zeroizing;

use super::email::EmailAddress;

const CHARS_MIN: usize = 8;
const CHARS_MAX: usize = 256;
const SALT_BYTES: usize = 16;
const HASH_BYTES: usize = 32;

/// A password as somebody typed it. Never shown, and wiped from memory when dropped.
///
/// It is normalised (NFC), since keyboards differ in how they write accented letters.
#[derive(Clone)]
pub struct Password(Zeroizing<String>);

/// A password that cannot be chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a password has 8 to 256 characters and is not the e-mail address")]
pub struct UnfitPassword;

impl Password {
    /// What somebody typed.
    #[must_use]
    pub fn new(text: &str) -> Self {
        // More than anybody's password has is not looked at: this bounds the work.
        let mut normal = String::with_capacity(text.len().min(4 * CHARS_MAX) + 8);
        normal.extend(text.chars().take(CHARS_MAX + 1).nfc());
        Self(Zeroizing::new(normal))
    }

    /// A password for somebody who did not choose one: 120 random bits in 24 letters and digits.
    #[must_use]
    pub fn random() -> Self {
        Self(Zeroizing::new(data_encoding::BASE32_DNSCURVE.encode(&crate::keys::random::<15>())))
    }

    /// Whether it can be chosen by who has this e-mail address.
    ///
    /// # Errors
    /// When it is too short or too long, or is the address.
    pub fn fits(&self, email: &EmailAddress) -> Result<(), UnfitPassword> {
        let is_address = self.0.to_lowercase() == email.folded();
        let is_fit = (CHARS_MIN..=CHARS_MAX).contains(&self.0.chars().count()) && !is_address;
        if is_fit { Ok(()) } else { Err(UnfitPassword) }
    }

    /// The password itself, to be shown once to who must know it.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password(…)")
    }
}

/// A hashed password, with its salt and what the hash cost.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PasswordHash {
    memory_kib: u32,
    iterations: u32,
    parallelism: u32,
    salt: [u8; SALT_BYTES],
    hash: [u8; HASH_BYTES],
}

impl fmt::Debug for PasswordHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PasswordHash(…)")
    }
}

impl PasswordHash {
    pub(super) fn make(password: &Password, cost: &PasswordCost) -> Result<Self, HashingFailed> {
        // The settings keep memory within 1 GiB.
        let memory_kib = u32::try_from(cost.memory.as_u64() / 1_024).unwrap_or(u32::MAX);
        let salt = crate::keys::random();
        let (iterations, parallelism) = (cost.iterations, cost.parallelism);
        let mut made = Self { memory_kib, iterations, parallelism, salt, hash: [0; HASH_BYTES] };
        made.hash = made.hash_of(password)?;
        Ok(made)
    }

    fn hash_of(&self, password: &Password) -> Result<[u8; HASH_BYTES], HashingFailed> {
        let params = Params::new(self.memory_kib, self.iterations, self.parallelism, Some(HASH_BYTES));
        let argon = Argon2::new(Algorithm::Argon2id, Version::V0x13, params.map_err(HashingFailed)?);
        let mut hash = [0; HASH_BYTES];
        argon.hash_password_into(password.0.as_bytes(), &self.salt, &mut hash).map_err(HashingFailed)?;
        Ok(hash)
    }

    fn is_of(&self, password: &Password) -> Result<bool, HashingFailed> {
        Ok(self.hash_of(password)?.ct_eq(&self.hash).into())
    }

    fn cost(&self) -> (u32, u32, u32) {
        (self.memory_kib, self.iterations, self.parallelism)
    }
}

/// The numbers that a hash was made with are none that argon2 takes.
#[derive(Debug, thiserror::Error)]
#[error("argon2 refuses: {0}")]
pub struct HashingFailed(argon2::Error);

/// Why a password was not hashed or checked.
#[derive(Debug, thiserror::Error)]
pub enum PasswordError {
    /// As many as the settings allow are waiting already. Nothing was done; a retry is useful after a while.
    #[error("too many passwords are waiting to be checked")]
    Overloaded,
    /// The hash could not be made.
    #[error("a password could not be hashed")]
    Failed(#[from] HashingFailed),
    /// The thread that hashed broke.
    #[error("the thread that hashed a password broke")]
    Thread(#[from] tokio::task::JoinError),
}

/// What came of a check.
#[derive(Debug)]
pub enum Checked {
    /// It is another password.
    Wrong,
    /// It is the password.
    Right {
        /// The same password hashed as the settings want it, if the hash at hand was made otherwise.
        rehash: Option<PasswordHash>,
    },
}

/// Hashes and checks passwords. Cheap to clone.
#[derive(Clone)]
pub struct Passwords(Arc<Pool>);

struct Pool {
    cost: PasswordCost,
    decoy: PasswordHash,
    /// One permit for each that hashes or waits.
    places: Semaphore,
    /// One permit for each that hashes.
    hashing: Arc<Semaphore>,
}

impl Passwords {
    /// A pool in which at most `waiting_max` wait. Takes as long as one hash.
    ///
    /// # Errors
    /// When argon2 cannot work at this cost.
    pub fn new(cost: &PasswordCost, waiting_max: u32) -> Result<Self, HashingFailed> {
        let threads = (available_parallelism().map_or(1, usize::from) / 2).max(1);
        let waiting_max = usize::try_from(waiting_max).unwrap_or(usize::MAX);
        Ok(Self(Arc::new(Pool {
            cost: cost.clone(),
            decoy: PasswordHash::make(&Password::random(), cost)?,
            places: Semaphore::new((threads + waiting_max).min(Semaphore::MAX_PERMITS)),
            hashing: Arc::new(Semaphore::new(threads)),
        })))
    }

    /// Hashes a password.
    ///
    /// # Errors
    /// [`PasswordError::Overloaded`] when too many wait.
    pub async fn hash(&self, password: Password) -> Result<PasswordHash, PasswordError> {
        let cost = self.0.cost.clone();
        self.work(move || PasswordHash::make(&password, &cost)).await
    }

    /// Checks a password against a hash. Without a hash it does the same work, and the answer is [`Checked::Wrong`].
    ///
    /// # Errors
    /// [`PasswordError::Overloaded`] when too many wait.
    pub async fn check(
        &self,
        password: Password,
        hash: Option<PasswordHash>,
    ) -> Result<Checked, PasswordError> {
        let cost = self.0.cost.clone();
        let (known, hash) = (hash.is_some(), hash.unwrap_or_else(|| self.0.decoy.clone()));
        let wanted = self.0.decoy.cost();
        self.work(move || {
            if !(hash.is_of(&password)? && known) {
                return Ok(Checked::Wrong);
            }
            let outdated = hash.cost() != wanted;
            let rehash = outdated.then(|| PasswordHash::make(&password, &cost)).transpose()?;
            Ok(Checked::Right { rehash })
        })
        .await
    }

    async fn work<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, HashingFailed> + Send + 'static,
    ) -> Result<T, PasswordError> {
        let _place = self.0.places.try_acquire().map_err(|_full| PasswordError::Overloaded)?;
        // Nobody closes the semaphore.
        let hashing = Arc::clone(&self.0.hashing).acquire_owned().await;
        // The permit goes along: should the client leave meanwhile, the thread is still busy.
        let worked = tokio::task::spawn_blocking(move || {
            let _hashing = hashing;
            work()
        });
        Ok(worked.await??)
    }
}

#[cfg(test)]
mod tests {
    use marquee_config::ByteSize;

    use super::*;

    fn cheap(iterations: u32) -> PasswordCost {
        PasswordCost { memory: ByteSize::kib(64), iterations, parallelism: 1 }
    }

    fn password(text: &str) -> Password {
        Password::new(text)
    }

    #[tokio::test]
    async fn only_the_password_itself_is_right() {
        let passwords = Passwords::new(&cheap(1), 8).unwrap();
        let hash = passwords.hash(password("correct horse")).await.unwrap();
        let again = passwords.hash(password("correct horse")).await.unwrap();
        assert_ne!(hash, again, "each has a salt of its own");
        let right = passwords.check(password("correct horse"), Some(hash.clone())).await.unwrap();
        assert!(matches!(right, Checked::Right { rehash: None }));
        let accents = passwords.hash(password("zoe\u{308}zoe\u{308}")).await.unwrap();
        let typed = passwords.check(password("zo\u{eb}zo\u{eb}"), Some(accents)).await.unwrap();
        assert!(matches!(typed, Checked::Right { .. }), "another keyboard");
        for other in ["correct horse ", "Correct horse", "", &"x".repeat(1 << 20)] {
            let wrong = passwords.check(password(other), Some(hash.clone())).await.unwrap();
            assert!(matches!(wrong, Checked::Wrong), "{other:.20}");
        }
        assert!(matches!(passwords.check(password("correct horse"), None).await.unwrap(), Checked::Wrong));
    }

    #[tokio::test]
    async fn a_hash_of_another_cost_is_made_anew() {
        let hash = Passwords::new(&cheap(1), 8).unwrap().hash(password("correct horse")).await.unwrap();
        let dearer = Passwords::new(&cheap(3), 8).unwrap();
        let checked = dearer.check(password("correct horse"), Some(hash)).await.unwrap();
        let Checked::Right { rehash: Some(rehash) } = checked else { panic!("{checked:?}") };
        assert_eq!(rehash.cost(), (64, 3, 1));
        let checked = dearer.check(password("correct horse"), Some(rehash)).await.unwrap();
        assert!(matches!(checked, Checked::Right { rehash: None }));
    }

    #[tokio::test]
    async fn more_than_may_wait_are_refused_at_once() {
        let passwords = Passwords::new(&cheap(1), 2).unwrap();
        let busy = passwords.0.hashing.available_permits();
        let all = u32::try_from(busy).unwrap();
        let hold = Arc::clone(&passwords.0.hashing).acquire_many_owned(all).await.unwrap();
        let mut waiting: Vec<_> = (0..busy + 2).map(|_nth| Box::pin(passwords.hash(password("x")))).collect();
        for each in &mut waiting {
            assert!(futures_util::poll!(each.as_mut()).is_pending());
        }
        assert!(matches!(passwords.hash(password("x")).await, Err(PasswordError::Overloaded)));
        drop(hold);
        for each in waiting {
            assert!(each.await.is_ok());
        }
        assert!(passwords.hash(password("x")).await.is_ok());
    }

    #[test]
    fn short_long_and_obvious_passwords_are_unfit() {
        let email: EmailAddress = "Ann@Example.com".parse().unwrap();
        let fits = |text: &str| password(text).fits(&email).is_ok();
        assert!(
            fits("12345678")
                && fits("äöüßäöüß")
                && fits(&"x".repeat(256))
                && fits(Password::random().expose())
        );
        assert!(!fits("1234567") && !fits("") && !fits(&"x".repeat(257)));
        assert!(!fits("ann@example.COM") && fits("ann@example.com!"));
    }

    #[test]
    fn nothing_shows_a_password() {
        assert!(!format!("{:?}", password("correct horse")).contains("horse"));
    }
}
