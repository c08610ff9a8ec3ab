//! Which cluster a data folder's node belongs to, and as whom.
//!
//! The folder `cluster/` of a data folder has three files, readable by the node's user only: `cluster.json` (the node's
//! number and where its peers were last), `node.pem` (its certificate and key) and `authority.pem` (the authority that
//! the whole cluster trusts, with its key). Every node has the authority's key, so that each renews its own certificate
//! whoever else is cut off: nodes are peers, and each holds the keys that sign tickets as well.

use std::collections::BTreeMap;
use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Write};
use std::net::SocketAddr;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use marquee_replication::NodeId;
use marquee_replication::trust::{ClusterAuthority, NodeIdentity, TrustError, Validity};
use parking_lot::Mutex;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

/// A node's place in its cluster, as its data folder has it.
pub struct Belonging {
    folder: PathBuf,
    kept: Mutex<Kept>,
    authority: ClusterAuthority,
    identity: NodeIdentity,
}

#[derive(Clone, Serialize, Deserialize)]
struct Kept {
    cluster: String,
    node: u64,
    peers: BTreeMap<u64, SocketAddr>,
    /// How long round trips to peers took, in microseconds.
    #[serde(default)]
    round_trips_us: BTreeMap<u64, u64>,
    /// Counts the node's starts, so that its peers know the latest from those before.
    #[serde(default)]
    starts: u64,
    /// The number of the files that the node has its promises in.
    #[serde(default)]
    files: Option<u64>,
}

/// Why a folder's belonging cannot be read or made.
#[derive(Debug, thiserror::Error)]
pub enum BelongingError {
    /// The file system refuses.
    #[error("cannot use {}: {source}", path.display())]
    Io {
        /// Which file or folder.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A file is there and holds something else.
    #[error("{} is damaged: {reason}; restore the folder from a backup, or let the node join anew", path.display())]
    Damaged {
        /// Which file.
        path: PathBuf,
        /// What is wrong.
        reason: String,
    },
    /// The folder belongs to a cluster already.
    #[error("{} belongs to node {node} of the cluster {cluster:?} already; a node that starts anew takes another data folder", path.display())]
    Taken {
        /// Which folder.
        path: PathBuf,
        /// Of which cluster.
        cluster: String,
        /// As which node.
        node: NodeId,
    },
    /// The storage is not the node's own.
    #[error(
        "{} does not hold the files that {node} had: they were lost or replaced. It has forgotten what it promised to its \
         peers and must not come back under its number. Run `marquee cluster remove {node}` on another node, then join \
         with an empty data folder; or put the node's own files back",
        path.display()
    )]
    ForeignFiles {
        /// Which folder.
        path: PathBuf,
        /// Whose it was.
        node: NodeId,
    },
    /// A certificate cannot be made or read.
    #[error(transparent)]
    Trust(#[from] TrustError),
}

impl Belonging {
    /// What a data folder says; none if it belongs to no cluster.
    ///
    /// # Errors
    /// When files are missing or damaged.
    pub fn read(data_dir: &Path) -> Result<Option<Self>, BelongingError> {
        let folder = data_dir.join("cluster");
        let path = folder.join(CLUSTER);
        let text = match fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(source) => return Err(BelongingError::Io { path, source }),
        };
        let kept: Kept = serde_json::from_str(&text)
            .map_err(|error| BelongingError::Damaged { path, reason: error.to_string() })?;
        let authority = ClusterAuthority::from_pem(&secret(&folder.join(AUTHORITY))?)?;
        let identity = NodeIdentity::from_pem(&secret(&folder.join(NODE))?)?;
        Ok(Some(Self { folder, kept: Mutex::new(kept), authority, identity }))
    }

    /// Makes a cluster with the folder's node as its first.
    ///
    /// # Errors
    /// When the folder belongs to a cluster already, or cannot be written.
    pub fn found(data_dir: &Path, cluster: &str, lifetime: Duration) -> Result<Self, BelongingError> {
        let authority = ClusterAuthority::create(cluster, SystemTime::now())?;
        Self::begin(data_dir, authority, NodeId(1), &[], lifetime)
    }

    /// Makes the folder's node one of a cluster that exists.
    ///
    /// # Errors
    /// When the folder belongs to a cluster already, or cannot be written.
    pub fn adopt(
        data_dir: &Path,
        authority_pem: &str,
        node: NodeId,
        peers: &[(NodeId, SocketAddr)],
        lifetime: Duration,
    ) -> Result<Self, BelongingError> {
        Self::begin(data_dir, ClusterAuthority::from_pem(authority_pem)?, node, peers, lifetime)
    }

    fn begin(
        data_dir: &Path,
        authority: ClusterAuthority,
        node: NodeId,
        peers: &[(NodeId, SocketAddr)],
        lifetime: Duration,
    ) -> Result<Self, BelongingError> {
        let folder = data_dir.join("cluster");
        if let Some(known) = Self::read(data_dir)? {
            let (cluster, node) = (known.cluster().to_owned(), known.node());
            return Err(BelongingError::Taken { path: folder, cluster, node });
        }
        let made = DirBuilder::new().recursive(true).mode(0o700).create(&folder);
        made.map_err(|source| BelongingError::Io { path: folder.clone(), source })?;
        let identity = authority.issue(node, Validity::starting(SystemTime::now(), lifetime))?;
        let peers = peers.iter().map(|(node, address)| (node.0, *address)).collect();
        let kept = Kept {
            cluster: authority.cluster().to_owned(),
            node: node.0,
            peers,
            round_trips_us: BTreeMap::new(),
            starts: 0,
            files: None,
        };
        write(&folder.join(AUTHORITY), authority.to_pem().as_bytes())?;
        write(&folder.join(NODE), identity.to_pem().as_bytes())?;
        // Last, since it is what makes the folder a member's.
        let belonging = Self { folder, kept: Mutex::new(kept), authority, identity };
        belonging.save()?;
        Ok(belonging)
    }

    /// The cluster's name.
    #[must_use]
    pub fn cluster(&self) -> &str {
        self.authority.cluster()
    }

    /// The node's number.
    #[must_use]
    pub fn node(&self) -> NodeId {
        NodeId(self.kept.lock().node)
    }

    /// Who issues the cluster's certificates.
    #[must_use]
    pub const fn authority(&self) -> &ClusterAuthority {
        &self.authority
    }

    /// The node's certificate and key, as they were read.
    #[must_use]
    pub const fn identity(&self) -> &NodeIdentity {
        &self.identity
    }

    /// Where peers were last.
    #[must_use]
    pub fn peers(&self) -> Vec<(NodeId, SocketAddr)> {
        self.kept.lock().peers.iter().map(|(node, address)| (NodeId(*node), *address)).collect()
    }

    /// Counts this start of the node; tells the count, which no earlier start had.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn count_start(&self) -> Result<u64, BelongingError> {
        self.kept.lock().starts += 1;
        self.save()?;
        Ok(self.kept.lock().starts)
    }

    /// Makes sure that the storage is the one that the node has had since its first start. `files` is its number.
    ///
    /// # Errors
    /// [`BelongingError::ForeignFiles`] when it is another; or when it cannot be written.
    pub fn check_files(&self, files: u64) -> Result<(), BelongingError> {
        let known = *self.kept.lock().files.get_or_insert(files);
        if known != files {
            let path = self.folder.parent().unwrap_or(&self.folder).to_owned();
            return Err(BelongingError::ForeignFiles { path, node: self.node() });
        }
        self.save()
    }

    /// Remembers where peers are.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn remember(&self, peers: &[(NodeId, SocketAddr)]) -> Result<(), BelongingError> {
        let peers: BTreeMap<_, _> = peers.iter().map(|(node, address)| (node.0, *address)).collect();
        {
            let mut kept = self.kept.lock();
            if kept.peers == peers {
                return Ok(());
            }
            kept.peers = peers;
        }
        self.save()
    }

    /// How long round trips to peers took when that was remembered last.
    #[must_use]
    pub fn round_trips(&self) -> BTreeMap<NodeId, Duration> {
        let kept = self.kept.lock();
        kept.round_trips_us.iter().map(|(node, took)| (NodeId(*node), Duration::from_micros(*took))).collect()
    }

    /// Remembers how long round trips to peers take.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn remember_round_trips(&self, took: &BTreeMap<NodeId, Duration>) -> Result<(), BelongingError> {
        let microseconds = |took: &Duration| u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
        self.kept.lock().round_trips_us =
            took.iter().map(|(node, took)| (node.0, microseconds(took))).collect();
        self.save()
    }

    /// Issues the node's next certificate and keeps it.
    ///
    /// # Errors
    /// When it cannot be made or written.
    pub fn renew(&self, validity: Validity) -> Result<NodeIdentity, BelongingError> {
        let identity = self.authority.issue(self.node(), validity)?;
        write(&self.folder.join(NODE), identity.to_pem().as_bytes())?;
        Ok(identity)
    }

    fn save(&self) -> Result<(), BelongingError> {
        let kept = self.kept.lock().clone();
        let path = self.folder.join(CLUSTER);
        let text = serde_json::to_vec_pretty(&kept)
            .map_err(|error| BelongingError::Damaged { path: path.clone(), reason: error.to_string() })?;
        write(&path, &text)
    }
}

const CLUSTER: &str = "cluster.json";
const AUTHORITY: &str = "authority.pem";
const NODE: &str = "node.pem";

fn secret(path: &Path) -> Result<Zeroizing<String>, BelongingError> {
    let read = fs::read_to_string(path).map(Zeroizing::new);
    read.map_err(|source| BelongingError::Io { path: path.to_owned(), source })
}

/// Writes beside and renames, so that a power cut leaves no half a file.
fn write(path: &Path, content: &[u8]) -> Result<(), BelongingError> {
    let draft = path.with_extension("draft");
    let written = || {
        let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&draft)?;
        file.write_all(content)?;
        file.sync_all()?;
        fs::rename(&draft, path)?;
        path.parent().map_or(Ok(()), |folder| File::open(folder)?.sync_all())
    };
    written().map_err(|source: io::Error| BelongingError::Io { path: path.to_owned(), source })
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: Duration = Duration::from_secs(24 * 3600);

    #[test]
    fn a_folder_belongs_to_one_cluster_and_remembers_it() {
        let dir = tempfile::tempdir().unwrap();
        assert!(Belonging::read(dir.path()).unwrap().is_none());
        let made = Belonging::found(dir.path(), "stage", DAY).unwrap();
        assert_eq!((made.node(), made.count_start().unwrap()), (NodeId(1), 1));
        let peer = (NodeId(2), "10.0.0.2:7400".parse().unwrap());
        made.remember(&[peer]).unwrap();
        let round_trips = BTreeMap::from([(NodeId(2), Duration::from_micros(76_250))]);
        made.remember_round_trips(&round_trips).unwrap();
        let read = Belonging::read(dir.path()).unwrap().unwrap();
        assert_eq!((read.cluster(), read.peers(), read.count_start().unwrap()), ("stage", vec![peer], 2));
        assert_eq!(read.round_trips(), round_trips);
        assert!(matches!(
            Belonging::found(dir.path(), "other", DAY),
            Err(BelongingError::Taken { node: NodeId(1), .. })
        ));
    }

    #[test]
    fn a_node_that_lost_its_files_does_not_come_back() {
        let dir = tempfile::tempdir().unwrap();
        Belonging::found(dir.path(), "stage", DAY).unwrap().check_files(7).unwrap();
        let read = || Belonging::read(dir.path()).unwrap().unwrap();
        read().check_files(7).unwrap();
        for _try in 0..2 {
            let refused = read().check_files(8).unwrap_err();
            assert!(matches!(refused, BelongingError::ForeignFiles { node: NodeId(1), .. }), "{refused}");
        }
        read().check_files(7).unwrap();
    }

    #[test]
    fn a_newcomer_gets_a_certificate_of_the_same_authority() {
        let (first, second) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let founder = Belonging::found(first.path(), "stage", DAY).unwrap();
        let pem = founder.authority().to_pem();
        let joined = Belonging::adopt(second.path(), &pem, NodeId(2), &[], DAY).unwrap();
        assert_eq!(joined.authority().fingerprint(), founder.authority().fingerprint());
        assert_eq!((joined.identity().node(), joined.identity().cluster()), (NodeId(2), "stage"));
    }
}
