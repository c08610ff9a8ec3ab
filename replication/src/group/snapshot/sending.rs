//! The home's side of a snapshot.

use std::time::Duration;

use bytes::{BufMut, Bytes, BytesMut};
use openraft::storage::SnapshotMeta;
use openraft::{BasicNode, StoredMembership};
use redb::ReadTransaction;

use super::super::consensus::{CommittedLeader, ConsensusVote, decode_membership, log_id};
use super::super::network::wire::{Garbage, VERSION, WirePoint, WireVote, message, read_message};
use super::tables::{Rows, SnapshotTable, Tables};
use super::{END, Head, INSTALL_PATIENCE, PIECE_PATIENCE, ROWS, SnapshotAnswer};
use crate::identity::{GroupId, NodeId};
use crate::machine::MachineError;
use crate::store::progress::Progress;
use crate::store::record::LogPoint;
use crate::transport::{Duplex, Kind, Transport, TransportError};

/// About how long a piece is, in bytes. A longer row has its own.
const PIECE_BYTES: usize = 256 << 10;

/// The state of a group as of one moment.
pub(in crate::group) struct Export {
    state: ReadTransaction,
    tables: Tables,
    progress: Progress,
    applied: LogPoint,
}

/// Why a snapshot did not get through.
#[derive(Debug, thiserror::Error)]
pub(in crate::group) enum SendError {
    #[error("the state cannot be read: {0}")]
    State(String),
    #[error(transparent)]
    Transport(#[from] TransportError),
    #[error("the peer answered with what cannot be used: {0}")]
    Garbage(#[from] Garbage),
    #[error("the peer refused it: {0}")]
    Refused(String),
}

impl From<MachineError> for SendError {
    fn from(error: MachineError) -> Self {
        Self::State(error.chain())
    }
}

impl Export {
    /// The group's state as this transaction sees it; none at the group's beginning.
    pub(in crate::group) fn new(
        state: ReadTransaction,
        group: GroupId,
        tables: Tables,
    ) -> Result<Option<Self>, MachineError> {
        let progress = Progress::read_at(&state, group.0)?;
        Ok(progress.applied.map(|applied| Self { state, tables, progress, applied }))
    }

    pub(in crate::group) fn meta(
        &self,
    ) -> Result<SnapshotMeta<CommittedLeader, NodeId, BasicNode>, MachineError> {
        let last_membership: StoredMembership<_, _, _> = decode_membership(&self.progress)?;
        Ok(SnapshotMeta { last_log_id: Some(log_id(self.applied)), last_membership })
    }

    fn head(&self, group: GroupId, vote: &ConsensusVote) -> Head {
        Head {
            group: group.0,
            vote: WireVote::new(vote),
            at: WirePoint::new(&log_id(self.applied)),
            now_ms: self.progress.now_ms,
            membership: self.progress.membership.clone(),
            tables: self.tables.iter().map(|table| table.head()).collect(),
        }
    }
}

/// Sends the state to a peer and waits until it is installed there; gives the peer's vote.
pub(in crate::group) async fn send(
    transport: &dyn Transport,
    peer: NodeId,
    group: GroupId,
    vote: &ConsensusVote,
    export: Export,
    deadline: Duration,
) -> Result<ConsensusVote, SendError> {
    let mut stream = transport.open(peer, Kind::Snapshot, deadline).await?;
    let mut head = vec![VERSION];
    head.extend_from_slice(&message(&export.head(group, vote)));
    if let Err(error) = send_all(&mut stream, peer, head.into(), &export).await {
        // A peer that refuses says why before it closes the stream.
        return read_answer(&mut stream, peer, deadline).await.map_err(|_silent| error);
    }
    drop(export);
    read_answer(&mut stream, peer, INSTALL_PATIENCE).await
}

async fn send_all(stream: &mut Duplex, peer: NodeId, head: Bytes, export: &Export) -> Result<(), SendError> {
    put(stream, peer, head).await?;
    let mut count = 0;
    for (number, table) in (0..).zip(export.tables.iter()) {
        let mut after = None;
        loop {
            let mut rows = Rows::default();
            rows.bytes.put_u8(ROWS);
            rows.bytes.put_u32_le(number);
            after = read_piece(table.as_ref(), export, after.as_deref(), &mut rows)?;
            if rows.count > 0 {
                count += rows.count;
                put(stream, peer, rows.bytes.freeze()).await?;
            }
            if after.is_none() {
                break;
            }
        }
    }
    let mut end = BytesMut::new();
    end.put_u8(END);
    end.put_u64_le(count);
    put(stream, peer, end.freeze()).await?;
    stream.sender.finish()?;
    Ok(())
}

/// Reads on this task: a piece is small, and the disk is asked for it once.
fn read_piece(
    table: &dyn SnapshotTable,
    export: &Export,
    after: Option<&[u8]>,
    rows: &mut Rows,
) -> Result<Option<Vec<u8>>, SendError> {
    Ok(table.read(&export.state, after, rows, PIECE_BYTES)?)
}

async fn put(stream: &mut Duplex, peer: NodeId, piece: Bytes) -> Result<(), TransportError> {
    let sent = tokio::time::timeout(PIECE_PATIENCE, stream.sender.send(piece)).await;
    sent.unwrap_or(Err(TransportError::Late { peer }))
}

async fn read_answer(
    stream: &mut Duplex,
    peer: NodeId,
    patience: Duration,
) -> Result<ConsensusVote, SendError> {
    let answer = tokio::time::timeout(patience, stream.receiver.receive()).await;
    let answer = answer.map_err(|_elapsed| TransportError::Late { peer })??;
    match read_message(&answer.ok_or(Garbage::Short)?)? {
        SnapshotAnswer::Done(vote) => Ok(vote.read()?),
        SnapshotAnswer::Refused(refusal) => Err(SendError::Refused(refusal.to_string())),
    }
}
