//! A disk that loses power: what was not synced is lost, kept or torn, sector by sector.

use std::io;
use std::sync::Arc;

use parking_lot::Mutex;
use redb::StorageBackend;

/// What a disk writes as one, in bytes.
const SECTOR: usize = 512;

/// Small, fast and repeatable (xorshift64*).
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    pub(crate) fn roll(&mut self, sides: u64) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33) % sides
    }
}

/// The power that several disks hang on. It goes off at a chosen write, sync or change of length.
#[derive(Clone, Debug)]
pub(crate) struct Power(Arc<Mutex<Supply>>);

#[derive(Debug, Default)]
struct Supply {
    operations: u64,
    cut_at: Option<u64>,
    off: bool,
}

impl Power {
    pub(crate) fn steady() -> Self {
        Self(Arc::default())
    }

    /// Goes off at this operation, counted from 0.
    pub(crate) fn cut_at(operation: u64) -> Self {
        Self(Arc::new(Mutex::new(Supply { cut_at: Some(operation), ..Supply::default() })))
    }

    pub(crate) fn cut(&self) {
        self.0.lock().off = true;
    }

    pub(crate) fn operations(&self) -> u64 {
        self.0.lock().operations
    }

    fn check(&self) -> io::Result<()> {
        if self.0.lock().off { Err(dead()) } else { Ok(()) }
    }

    /// Counts an operation; `false` when the power goes off at it, an error when it was off before.
    fn spend(&self) -> io::Result<bool> {
        let mut supply = self.0.lock();
        if supply.off {
            return Err(dead());
        }
        supply.off = supply.cut_at == Some(supply.operations);
        supply.operations += 1;
        Ok(!supply.off)
    }
}

fn dead() -> io::Error {
    io::Error::other("the power is off")
}

#[derive(Debug)]
enum Unsynced {
    Write { offset: usize, data: Vec<u8> },
    Length(usize),
}

#[derive(Debug, Default)]
struct Platter {
    /// What is safe.
    synced: Vec<u8>,
    /// What a reader sees.
    seen: Vec<u8>,
    unsynced: Vec<Unsynced>,
}

/// A disk; clones are the same one.
#[derive(Clone, Debug)]
pub(crate) struct Disk {
    platter: Arc<Mutex<Platter>>,
    power: Power,
}

impl Disk {
    pub(crate) fn new(content: Vec<u8>, power: &Power) -> Self {
        let platter = Platter { seen: content.clone(), synced: content, unsynced: Vec::new() };
        Self { platter: Arc::new(Mutex::new(platter)), power: power.clone() }
    }

    /// All that was written, synced or not.
    pub(crate) fn content(&self) -> Vec<u8> {
        self.platter.lock().seen.clone()
    }

    /// What a power cut leaves: of the unsynced operations nothing, everything, or any mix of
    /// sectors.
    pub(crate) fn survivors(&self, dice: &mut Dice) -> Vec<u8> {
        let platter = self.platter.lock();
        let mut content = platter.synced.clone();
        let keep_of_4 = match dice.roll(4) {
            0 => 0,
            1 => 4,
            _ => 1 + dice.roll(3),
        };
        for operation in &platter.unsynced {
            match operation {
                Unsynced::Length(length) => {
                    if dice.roll(4) < keep_of_4 {
                        content.resize(*length, 0);
                    }
                }
                Unsynced::Write { offset, data } => keep_some(&mut content, *offset, data, keep_of_4, dice),
            }
        }
        content
    }
}

fn keep_some(content: &mut [u8], offset: usize, data: &[u8], keep_of_4: u64, dice: &mut Dice) {
    let mut begin = 0;
    while begin < data.len() {
        let to_sector_end = SECTOR - (offset + begin) % SECTOR;
        let end = data.len().min(begin + to_sector_end);
        let place = offset + begin..offset + end;
        if place.end <= content.len() && dice.roll(4) < keep_of_4 {
            content[place].copy_from_slice(&data[begin..end]);
        }
        begin = end;
    }
}

impl StorageBackend for Disk {
    fn len(&self) -> io::Result<u64> {
        self.power.check()?;
        Ok(self.platter.lock().seen.len() as u64)
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        self.power.check()?;
        let platter = self.platter.lock();
        let begin = usize::try_from(offset).unwrap();
        let bytes = platter.seen.get(begin..begin + out.len());
        out.copy_from_slice(bytes.ok_or(io::ErrorKind::UnexpectedEof)?);
        Ok(())
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        let mut platter = self.platter.lock();
        let survives = self.power.spend()?;
        let length = usize::try_from(len).unwrap();
        platter.unsynced.push(Unsynced::Length(length));
        platter.seen.resize(length, 0);
        if survives { Ok(()) } else { Err(dead()) }
    }

    fn sync_data(&self) -> io::Result<()> {
        let mut platter = self.platter.lock();
        if !self.power.spend()? {
            return Err(dead());
        }
        platter.synced = platter.seen.clone();
        platter.unsynced.clear();
        Ok(())
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        let mut platter = self.platter.lock();
        let survives = self.power.spend()?;
        let offset = usize::try_from(offset).unwrap();
        let end = offset + data.len();
        if platter.seen.len() < end {
            platter.seen.resize(end, 0);
            platter.unsynced.push(Unsynced::Length(end));
        }
        platter.seen[offset..end].copy_from_slice(data);
        platter.unsynced.push(Unsynced::Write { offset, data: data.to_vec() });
        if survives { Ok(()) } else { Err(dead()) }
    }
}
