//! Groups of several nodes.

use crate::cluster::Cluster;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn three_nodes_have_the_same_state() {
    let cluster = Cluster::of(3).await;
    for number in 0..100 {
        cluster.write(&format!("c{number}")).await;
    }
    let lines = cluster.same_everywhere().await;
    assert_eq!(lines.len(), 100);
    cluster.stop_all().await;
}
