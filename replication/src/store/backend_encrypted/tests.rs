//! The plain view behaves like plain storage, and the file shows nothing of it.

use std::sync::Arc;

use proptest::collection::vec;
use proptest::prelude::*;
use redb::backends::InMemoryBackend;

use super::*;

/// Storage that several backends look at, one after the other.
#[derive(Clone, Debug)]
struct File(Arc<InMemoryBackend>);

impl File {
    fn new() -> Self {
        Self(Arc::new(InMemoryBackend::new()))
    }

    fn bytes(&self) -> Vec<u8> {
        let mut bytes = vec![0; usize::try_from(self.0.len().unwrap()).unwrap()];
        self.0.read(0, &mut bytes).unwrap();
        bytes
    }
}

impl StorageBackend for File {
    fn len(&self) -> io::Result<u64> {
        self.0.len()
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        self.0.read(offset, out)
    }

    fn set_len(&self, length: u64) -> io::Result<()> {
        self.0.set_len(length)
    }

    fn sync_data(&self) -> io::Result<()> {
        self.0.sync_data()
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        self.0.write(offset, data)
    }
}

fn key(first: u8) -> StorageKey {
    StorageKey::new(std::array::from_fn(|place| first.wrapping_add(place as u8))).unwrap()
}

fn open(file: &File) -> EncryptedBackend<File> {
    EncryptedBackend::new(file.clone(), &key(0), Volume::State)
}

#[derive(Clone, Debug)]
enum Act {
    Write { offset: u64, data: Vec<u8> },
    Length(u64),
    Read { offset: u64, length: usize },
    Reopen,
}

/// Places and lengths: anywhere in a few sectors, and often at a sector's edge.
fn place() -> impl Strategy<Value = u64> {
    prop_oneof![0..5 * SECTOR_U64, (0_u64..6).prop_map(|sector| sector * SECTOR_U64)]
}

fn act() -> impl Strategy<Value = Act> {
    let data = prop_oneof![
        vec(any::<u8>(), 0..600),
        (1_usize..3, any::<u8>()).prop_map(|(sectors, byte)| vec![byte; sectors * SECTOR]),
        Just(vec![0; SECTOR]),
    ];
    prop_oneof![
        4 => (place(), data).prop_map(|(offset, data)| Act::Write { offset, data }),
        2 => place().prop_map(Act::Length),
        3 => (place(), place()).prop_map(|(offset, length)| Act::Read { offset, length: length as usize }),
        1 => Just(Act::Reopen),
    ]
}

proptest! {
    #[test]
    fn the_plain_view_behaves_like_plain_storage(acts in vec(act(), 1..40)) {
        let file = File::new();
        let mut backend = open(&file);
        let mut plain: Vec<u8> = Vec::new();
        for act in acts {
            match act {
                Act::Write { offset, data } => {
                    let place = offset as usize..offset as usize + data.len();
                    if place.end <= plain.len() {
                        backend.write(offset, &data).unwrap();
                        plain[place].copy_from_slice(&data);
                    }
                }
                Act::Length(length) => {
                    backend.set_len(length).unwrap();
                    plain.resize(length as usize, 0);
                }
                Act::Read { offset, length } => {
                    let mut read = vec![1; length];
                    let result = backend.read(offset, &mut read);
                    match plain.get(offset as usize..offset as usize + length) {
                        Some(expected) => {
                            result.unwrap();
                            prop_assert_eq!(&read[..], expected);
                        }
                        None => prop_assert!(result.is_err()),
                    }
                }
                Act::Reopen => backend = open(&file),
            }
            prop_assert_eq!(backend.len().unwrap(), plain.len() as u64);
        }
        let mut all = vec![0; plain.len()];
        open(&file).read(0, &mut all).unwrap();
        prop_assert_eq!(all, plain);
    }

    #[test]
    fn a_torn_sector_holds_old_and_new_at_their_places(
        old in any::<[u8; 32]>(), new in any::<[u8; 32]>(), survived in any::<u8>(),
    ) {
        const PIECE: usize = SECTOR / 8;
        let whole = |pattern: [u8; 32]| pattern.repeat(SECTOR / 32);
        let file = File::new();
        let backend = open(&file);
        backend.set_len(SECTOR_U64).unwrap();
        backend.write(0, &whole(old)).unwrap();
        let before = file.bytes();
        backend.write(0, &whole(new)).unwrap();
        let mut torn = file.bytes();
        let mut expected = whole(new);
        for piece in (0..8).filter(|piece| survived & (1 << piece) == 0) {
            let place = piece * PIECE..(piece + 1) * PIECE;
            torn[SECTOR..][place.clone()].copy_from_slice(&before[SECTOR..][place.clone()]);
            expected[place.clone()].copy_from_slice(&whole(old)[place]);
        }
        file.write(0, &torn).unwrap();
        let mut read = vec![0; SECTOR];
        open(&file).read(0, &mut read).unwrap();
        prop_assert_eq!(read, expected);
    }
}

#[test]
fn equal_sectors_differ_by_place_and_by_volume() {
    let sector = vec![5; SECTOR];
    let mut seen = std::collections::BTreeSet::new();
    for volume in [Volume::Log, Volume::State] {
        let file = File::new();
        let backend = EncryptedBackend::new(file.clone(), &key(0), volume);
        backend.set_len(3 * SECTOR_U64).unwrap();
        for number in 0..3 {
            backend.write(number * SECTOR_U64, &sector).unwrap();
        }
        for block in file.bytes()[SECTOR..].chunks_exact(BLOCK) {
            assert!(seen.insert(block.to_vec()), "no block of cipher text is there twice");
        }
    }
}

#[test]
fn the_header_tells_keys_volumes_and_versions_apart() {
    let refused = |backend: EncryptedBackend<File>| {
        let error = backend.len().unwrap_err();
        *error.get_ref().unwrap().downcast_ref::<FileRefusal>().unwrap()
    };
    let file = File::new();
    open(&file).set_len(SECTOR_U64).unwrap();
    assert_eq!(open(&file).len().unwrap(), SECTOR_U64);
    let other_key = EncryptedBackend::new(file.clone(), &key(1), Volume::State);
    assert_eq!(refused(other_key), FileRefusal::WrongKey);
    let other_volume = EncryptedBackend::new(file.clone(), &key(0), Volume::Log);
    assert_eq!(refused(other_volume), FileRefusal::WrongKey);
    file.write(MAGIC.len() as u64, &[VERSION + 1]).unwrap();
    assert_eq!(refused(open(&file)), FileRefusal::LaterVersion(VERSION + 1));

    let plain = File::new();
    plain.set_len(2 * SECTOR_U64).unwrap();
    plain.write(0, b"redb\x1a\x0a\xa9\x0d\x0a").unwrap();
    assert_eq!(refused(open(&plain)), FileRefusal::NotEncrypted);
}

#[test]
fn a_header_that_a_power_cut_tore_is_written_again() {
    for torn in [0, 1, 11, 12, 20, 4095] {
        let file = File::new();
        open(&file).set_len(0).unwrap();
        let mut header = file.bytes();
        header[torn..].fill(0);
        file.write(0, &header).unwrap();
        assert_eq!(open(&file).len().unwrap(), 0);
        assert_eq!(open(&file).len().unwrap(), 0);
    }
}

#[test]
fn the_plain_length_is_read_back_from_the_file_length() {
    for plain in (0..3 * SECTOR_U64).chain([1 << 30, (1 << 30) + 1, (1 << 30) - 1]) {
        assert_eq!(plain_length(file_length(plain)), plain);
    }
}
