//! A disk that loses power and rots.
//!
//! What was written and not synced is lost, kept or torn, sector by sector, when the power goes off. Rot turns bits of
//! what is safe, while nobody looks.

use std::io;
use std::sync::Arc;

use parking_lot::Mutex;
use redb::StorageBackend;

use super::dice::Dice;

/// What a disk writes as one, in bytes.
const SECTOR: usize = 512;
/// What rots together, in bytes: a page of the database.
const PAGE: usize = 4_096;

/// The power that the disks of a node hang on.
#[derive(Clone, Debug, Default)]
pub struct Power(Arc<Mutex<Supply>>);

#[derive(Debug, Default)]
struct Supply {
    operations: u64,
    cut_at: Option<u64>,
    is_off: bool,
}

impl Power {
    /// Goes off: whatever the node asks of its disks from then on fails.
    pub fn cut(&self) {
        self.0.lock().is_off = true;
    }

    /// Goes off in the middle of one of the next writes, syncs or changes of length.
    pub fn cut_after(&self, operations: u64) {
        let mut supply = self.0.lock();
        supply.cut_at = Some(supply.operations + operations);
    }

    /// Whether it is off.
    #[must_use]
    pub fn is_off(&self) -> bool {
        self.0.lock().is_off
    }

    fn check(&self) -> io::Result<()> {
        if self.0.lock().is_off { Err(dead()) } else { Ok(()) }
    }

    /// Counts an operation; `false` when the power goes off at it, an error when it was off before.
    fn spend(&self) -> io::Result<bool> {
        let mut supply = self.0.lock();
        if supply.is_off {
            return Err(dead());
        }
        supply.is_off = supply.cut_at == Some(supply.operations);
        supply.operations += 1;
        Ok(!supply.is_off)
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
pub struct Disk {
    platter: Arc<Mutex<Platter>>,
    power: Power,
}

impl Disk {
    /// A disk with this content, on this power.
    #[must_use]
    pub fn new(content: Vec<u8>, power: &Power) -> Self {
        let platter = Platter { seen: content.clone(), synced: content, unsynced: Vec::new() };
        Self { platter: Arc::new(Mutex::new(platter)), power: power.clone() }
    }

    /// What a power cut leaves: of the unsynced operations nothing, everything, or any mix of sectors.
    #[must_use]
    pub fn survivors(&self, dice: &mut Dice) -> Vec<u8> {
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

/// Turns some bits in some pages of what stands on a disk; gives how many pages.
pub fn rot(content: &mut [u8], pages: u64, dice: &mut Dice) -> u64 {
    // The first page says what the file is; a disk that loses it is seen by anybody.
    let count = (content.len() / PAGE) as u64;
    if count < 2 {
        return 0;
    }
    for _page in 0..pages {
        let page = dice.between(1, count - 1) as usize * PAGE;
        for _bit in 0..dice.between(1, 8) {
            let byte = page + dice.roll(PAGE as u64) as usize;
            content[byte] ^= 1 << dice.roll(8);
        }
    }
    pages
}

impl StorageBackend for Disk {
    fn len(&self) -> io::Result<u64> {
        self.power.check()?;
        Ok(self.platter.lock().seen.len() as u64)
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        self.power.check()?;
        let platter = self.platter.lock();
        let begin = place(offset)?;
        let bytes = platter.seen.get(begin..begin + out.len());
        out.copy_from_slice(bytes.ok_or(io::ErrorKind::UnexpectedEof)?);
        Ok(())
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        let mut platter = self.platter.lock();
        let survives = self.power.spend()?;
        let length = place(len)?;
        platter.unsynced.push(Unsynced::Length(length));
        platter.seen.resize(length, 0);
        if survives { Ok(()) } else { Err(dead()) }
    }

    fn sync_data(&self) -> io::Result<()> {
        let mut platter = self.platter.lock();
        if !self.power.spend()? {
            return Err(dead());
        }
        let Platter { synced, unsynced, .. } = &mut *platter;
        for operation in unsynced.drain(..) {
            match operation {
                Unsynced::Length(length) => synced.resize(length, 0),
                Unsynced::Write { offset, data } => {
                    synced[offset..offset + data.len()].copy_from_slice(&data)
                }
            }
        }
        Ok(())
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        let mut platter = self.platter.lock();
        let survives = self.power.spend()?;
        let offset = place(offset)?;
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

fn place(offset: u64) -> io::Result<usize> {
    usize::try_from(offset).map_err(|_too_far| io::ErrorKind::InvalidInput.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(disk: &Disk, length: usize) -> Vec<u8> {
        let mut out = vec![0; length];
        disk.read(0, &mut out).unwrap();
        out
    }

    #[test]
    fn what_was_synced_survives_and_what_was_not_may_be_torn() {
        let power = Power::default();
        let disk = Disk::new(Vec::new(), &power);
        disk.write(0, &[1; 2_048]).unwrap();
        disk.sync_data().unwrap();
        disk.write(0, &[2; 2_048]).unwrap();
        assert_eq!(read(&disk, 2_048), vec![2; 2_048]);
        power.cut();
        assert!(disk.sync_data().is_err());
        let mut torn = 0;
        for seed in 0..100 {
            let left = disk.survivors(&mut Dice::new(seed));
            let sectors: Vec<u8> = left.chunks(SECTOR).map(|sector| sector[0]).collect();
            assert!(left.chunks(SECTOR).all(|sector| sector.iter().all(|byte| *byte == sector[0])));
            assert!(sectors.iter().all(|byte| [1, 2].contains(byte)));
            torn += usize::from(sectors.contains(&1) && sectors.contains(&2));
        }
        assert!((20..90).contains(&torn), "{torn} of 100 are torn");
    }

    #[test]
    fn the_power_goes_off_in_the_middle() {
        let power = Power::default();
        let disk = Disk::new(Vec::new(), &power);
        power.cut_after(1);
        disk.write(0, &[1; 8]).unwrap();
        assert!(disk.write(8, &[1; 8]).is_err());
        assert!(power.is_off() && disk.len().is_err());
    }

    #[test]
    fn rot_leaves_the_first_page_alone() {
        let mut content = vec![0; 3 * PAGE];
        assert_eq!(rot(&mut content, 2, &mut Dice::new(5)), 2);
        assert!(content[..PAGE].iter().all(|byte| *byte == 0));
        assert!(content[PAGE..].iter().any(|byte| *byte != 0));
    }
}
