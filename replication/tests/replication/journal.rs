//! A toy machine: it writes each command down, once, in order.

use std::collections::BTreeMap;
use std::sync::mpsc;
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use marquee_replication::{GroupId, Machine, MachineError, Position, TableVisitor};
use redb::{ReadTransaction, ReadableTable, TableDefinition, TableError, WriteTransaction};

/// One line of the journal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Line {
    pub(crate) index: u64,
    pub(crate) now_ms: u64,
    pub(crate) command: Bytes,
}

/// What a command is answered with: its line's number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Written {
    pub(crate) line: u64,
}

/// Tables: `<group>.lines`: number → index, time, command; `<group>.seen`: command → times applied.
pub(crate) struct Journal {
    lines: String,
    seen: String,
    next: u64,
    /// When set, each application tells that it began, and waits for a word to go on.
    gate: Option<Gate>,
    /// The machine's reported commits, in lines.
    pub(crate) committed_lines: Arc<Mutex<u64>>,
}

pub(crate) struct Gate {
    pub(crate) began: mpsc::Sender<()>,
    pub(crate) go: mpsc::Receiver<()>,
}

/// The command that the machine fails at.
pub(crate) const FAIL: &[u8] = b"fail";
/// The command that the machine forgets to answer.
pub(crate) const FORGET: &[u8] = b"forget";
/// The command that the machine panics at.
pub(crate) const PANIC: &[u8] = b"panic";

#[derive(Debug, thiserror::Error)]
#[error("the journal's pen broke")]
struct PenBroke;

impl Journal {
    pub(crate) fn new(group: GroupId) -> Self {
        let name = |table| format!("{}.{table}", group.namespace());
        Self {
            lines: name("lines"),
            seen: name("seen"),
            next: 0,
            gate: None,
            committed_lines: Arc::default(),
        }
    }

    pub(crate) fn gated(group: GroupId, gate: Gate) -> Self {
        Self { gate: Some(gate), ..Self::new(group) }
    }
}

impl Machine for Journal {
    type Answer = Written;

    fn open(&mut self, state: &WriteTransaction) -> Result<(), MachineError> {
        state.open_table(seen_table(&self.seen))?;
        let lines = state.open_table(lines_table(&self.lines))?;
        self.next = lines.last()?.map_or(0, |(number, _)| number.value() + 1);
        Ok(())
    }

    fn visit_tables<V: TableVisitor>(&self, visitor: &mut V) -> Result<(), MachineError> {
        visitor.table(lines_table(&self.lines))?;
        visitor.table(seen_table(&self.seen))
    }

    fn apply(
        &mut self,
        state: &WriteTransaction,
        at: Position,
        commands: &[Bytes],
        answers: &mut Vec<Written>,
    ) -> Result<(), MachineError> {
        if let Some(gate) = &self.gate {
            gate.began.send(())?;
            gate.go.recv()?;
        }
        let mut lines = state.open_table(lines_table(&self.lines))?;
        let mut seen = state.open_table(seen_table(&self.seen))?;
        for command in commands {
            match &command[..] {
                FAIL => return Err(PenBroke.into()),
                FORGET => continue,
                PANIC => panic!("the journal panics, as it was told to"),
                _ => {}
            }
            lines.insert(self.next, (at.index, at.now_ms, &command[..]))?;
            let times = seen.get(&command[..])?.map_or(0, |times| times.value());
            seen.insert(&command[..], times + 1)?;
            answers.push(Written { line: self.next });
            self.next += 1;
        }
        Ok(())
    }

    fn committed(&mut self) {
        *self.committed_lines.lock().unwrap() = self.next;
    }
}

type Lines<'a> = TableDefinition<'a, u64, (u64, u64, &'static [u8])>;
type Seen<'a> = TableDefinition<'a, &'static [u8], u64>;

fn lines_table(name: &str) -> Lines<'_> {
    TableDefinition::new(name)
}

fn seen_table(name: &str) -> Seen<'_> {
    TableDefinition::new(name)
}

/// The whole journal of a group.
pub(crate) fn read_lines(state: &ReadTransaction, group: GroupId) -> Vec<Line> {
    let name = Journal::new(group).lines;
    let table = match state.open_table(lines_table(&name)) {
        Err(TableError::TableDoesNotExist(_)) => return Vec::new(),
        table => table.unwrap(),
    };
    let mut lines = Vec::new();
    for row in table.iter().unwrap() {
        let (number, line) = row.unwrap();
        assert_eq!(number.value(), lines.len() as u64, "the journal has no gaps");
        let (index, now_ms, command) = line.value();
        lines.push(Line { index, now_ms, command: Bytes::copy_from_slice(command) });
    }
    lines
}

/// How many times each command was applied.
pub(crate) fn read_seen(state: &ReadTransaction, group: GroupId) -> BTreeMap<Bytes, u64> {
    let name = Journal::new(group).seen;
    let table = match state.open_table(seen_table(&name)) {
        Err(TableError::TableDoesNotExist(_)) => return BTreeMap::new(),
        table => table.unwrap(),
    };
    let rows = table.iter().unwrap().map(Result::unwrap);
    rows.map(|(command, times)| (Bytes::copy_from_slice(command.value()), times.value())).collect()
}
