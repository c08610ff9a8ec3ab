//! The post of a node: what is on its way to it, in the order in which it arrives.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use tokio::sync::mpsc;

use super::super::kind::Kind;
use super::super::switch::Switch;
use super::connection::{Connection, End};
use super::stream::Ends;
use super::{Clock, MemoryNetwork};
use crate::identity::NodeId;

/// Something for a node.
pub(super) enum Parcel {
    Datagram { kind: Kind, payload: Bytes },
    Message { kind: Kind, payload: Bytes, connection: Arc<Connection> },
    Stream { kind: Kind, ends: Box<Ends>, connection: Arc<Connection> },
}

impl Parcel {
    pub(super) fn hand_over(self, from: NodeId, switch: &Switch) {
        match self {
            Self::Datagram { kind, payload } => switch.datagram(from, kind, payload),
            Self::Message { kind, payload, .. } => switch.message(from, kind, payload),
            Self::Stream { kind, ends, .. } => switch.stream(from, kind, ends.into_duplex()),
        }
    }
}

/// Where parcels for a node are left.
pub(super) struct Post(mpsc::UnboundedSender<(End, Parcel, Duration)>);

impl Post {
    pub(super) fn start(network: MemoryNetwork, end: End, switch: Arc<Switch>, clock: Clock) -> Self {
        let (sender, parcels) = mpsc::unbounded_channel();
        tokio::spawn(carry(Carrier { network, end, switch, clock }, parcels));
        Self(sender)
    }

    pub(super) fn take(&self, from: End, parcel: Parcel, due: Duration) {
        // A node whose runtime is gone takes nothing.
        let _ = self.0.send((from, parcel, due));
    }
}

struct Carrier {
    network: MemoryNetwork,
    end: End,
    switch: Arc<Switch>,
    clock: Clock,
}

async fn carry(carrier: Carrier, mut parcels: mpsc::UnboundedReceiver<(End, Parcel, Duration)>) {
    let mut under_way = BTreeMap::new();
    let mut number = 0u64;
    loop {
        let next = under_way.first_key_value().map(|((due, _number), _parcel)| *due);
        let due = async {
            match next {
                Some(due) => tokio::time::sleep_until(carrier.clock.instant(due)).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            biased;
            taken = parcels.recv() => {
                let Some((from, parcel, due)) = taken else { return };
                number += 1;
                under_way.insert((due, number), (from, parcel));
            }
            () = due => {
                if let Some((_when, (from, parcel))) = under_way.pop_first() {
                    carrier.arrive(from, parcel);
                }
            }
        }
    }
}

impl Carrier {
    fn arrive(&self, from: End, parcel: Parcel) {
        let connection = match &parcel {
            Parcel::Datagram { .. } => None,
            Parcel::Message { connection, .. } | Parcel::Stream { connection, .. } => {
                Some(connection.clone())
            }
        };
        let Some(connection) = connection else {
            // A datagram that is on its way when the link is cut is lost; its sender may be gone.
            let cut = self.network.0.links.lock().cut.contains(&(from.node, self.end.node));
            if !cut {
                parcel.hand_over(from.node, &self.switch);
            }
            return;
        };
        if !connection.is_broken() && self.network.0.links.lock().passes(from, self.end) {
            parcel.hand_over(from.node, &self.switch);
            return;
        }
        // It is sent again until the link is there, or the connection breaks.
        let (network, clock, switch) = (self.network.clone(), self.clock, Arc::clone(&self.switch));
        tokio::spawn(async move {
            if connection.passes(&network, clock, from).await.is_ok() {
                parcel.hand_over(from.node, &switch);
            }
        });
    }
}
