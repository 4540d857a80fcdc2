//! Edges come and go, tunnels come back.

use std::net::{SocketAddr, UdpSocket};
use std::sync::Arc;

use causeway_trust::KeyRing;
use causeway_tunnel::{Greeted, Keep, Listener, TunnelState};
use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::world::{HOUR, World, bounded};

async fn serve(listener: Listener, keys: KeyRing, stop: CancellationToken) {
    let (_keys, changes) = watch::channel(keys.clone());
    let mut controls = JoinSet::new();
    loop {
        tokio::select! {
            () = stop.cancelled() => break,
            arrival = listener.accept() => {
                let Greeted { control, .. } = arrival.unwrap().greet(&keys).await.unwrap();
                controls.spawn(control.run(changes.clone()));
            }
        }
    }
    listener.close().await;
}

/// The socket of a stopped listener is free a moment later.
async fn bind_again(address: SocketAddr) -> UdpSocket {
    bounded(async {
        loop {
            match UdpSocket::bind(address) {
                Ok(socket) => return socket,
                Err(_taken) => tokio::task::yield_now().await,
            }
        }
    })
    .await
}

#[tokio::test]
async fn a_tunnel_comes_back_after_its_edge_restarts_on_the_same_port() {
    let world = World::new();
    let listener = world.listener();
    let address = listener.local_addr().unwrap();
    let (_passes, passes) = watch::channel(world.pass(HOUR));
    let (events, _events) = mpsc::channel(1);
    let (state, mut states) = watch::channel(TunnelState::Down);
    let keep = Keep {
        dialer: Arc::new(world.dialer()),
        edge: world.peer(address),
        passes,
        events,
        state,
    };
    let (stop_node, stop_edge) = (CancellationToken::new(), CancellationToken::new());
    let mut tasks = JoinSet::new();
    tasks.spawn(keep.run(stop_node.clone()));

    let edge = tokio::spawn(serve(listener, world.keys(), stop_edge.clone()));
    bounded(states.wait_for(|state| *state == TunnelState::Up))
        .await
        .unwrap();
    stop_edge.cancel();
    bounded(edge).await.unwrap();
    bounded(states.wait_for(|state| *state == TunnelState::Down))
        .await
        .unwrap();

    let listener = Listener::new(bind_again(address).await, &world.edge_key).unwrap();
    let stop_edge = CancellationToken::new();
    let edge = tokio::spawn(serve(listener, world.keys(), stop_edge.clone()));
    bounded(states.wait_for(|state| *state == TunnelState::Up))
        .await
        .unwrap();

    stop_node.cancel();
    bounded(tasks.join_all()).await;
    assert_eq!(*states.borrow(), TunnelState::Down);
    stop_edge.cancel();
    bounded(edge).await.unwrap();
}
