//! The door of a node.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use pump::{Busy, Handle, Reply};
use tokio::io::{AsyncWrite, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};
use tokio_rustls::TlsAcceptor;

use crate::form::{Answer, Hello, Request};
use crate::limits::{
    CONNECTIONS_MAX, GREETING_MAX, LEAVE_MAX, PAUSE, SILENCE_MAX, UNDER_WAY_MAX, VERSION,
    WRITE_BYTES,
};
use crate::tls::DoorTls;
use crate::wire;

/// The way to the pump of this node; none while this node does not decide.
pub type Leader = Arc<dyn Fn() -> Option<Handle> + Send + Sync>;

/// Opens the door until the signal comes, and then answers what is under way.
pub async fn serve(
    listener: TcpListener,
    tls: DoorTls,
    leader: Leader,
    mut stop: watch::Receiver<bool>,
) {
    let acceptor = TlsAcceptor::from(tls);
    let places = Arc::new(Semaphore::new(CONNECTIONS_MAX));
    let mut guests = JoinSet::new();
    loop {
        while guests.try_join_next().is_some() {}
        let accepted = tokio::select! {
            _ = stop.wait_for(|stop| *stop) => break,
            accepted = listener.accept() => accepted,
        };
        let Ok((socket, peer)) = accepted else {
            // No more files, say: what ends by itself makes room.
            sleep(PAUSE).await;
            continue;
        };
        let Ok(place) = places.clone().try_acquire_owned() else {
            tracing::warn!("{peer} is turned away: the inner door has no place left");
            continue;
        };
        let (acceptor, leader, stop) = (acceptor.clone(), leader.clone(), stop.clone());
        guests.spawn(async move {
            if let Err(error) = receive(socket, &acceptor, &leader, stop).await {
                tracing::info!("{peer} has left the inner door: {error}");
            }
            drop(place);
        });
    }
    drop(listener);
    while guests.join_next().await.is_some() {}
}

async fn receive(
    socket: TcpStream,
    acceptor: &TlsAcceptor,
    leader: &Leader,
    mut stop: watch::Receiver<bool>,
) -> io::Result<()> {
    socket.set_nodelay(true)?;
    let accepted = timeout(GREETING_MAX, acceptor.accept(socket)).await;
    let (mut from, mut to) = tokio::io::split(accepted.map_err(|_| io::ErrorKind::TimedOut)??);
    let hello = Hello { version: VERSION, leads: leader().is_some() };
    send(&mut to, &wire::frame(&hello.to_bytes())).await?;
    if !hello.leads {
        return to.shutdown().await;
    }
    let (answers, heard) = unbounded_channel();
    let under_way = Arc::new(AtomicUsize::new(0));
    let mut telling = tokio::spawn(tell(to, heard, under_way.clone()));
    let ended = tokio::select! {
        ended = take(&mut from, leader, &answers, &under_way) => ended,
        _ = stop.wait_for(|stop| *stop) => Ok(()),
        ended = &mut telling => return ended?,
    };
    // What is under way is still answered; each request that is holds a sender.
    drop(answers);
    match timeout(LEAVE_MAX, &mut telling).await {
        Ok(told) => ended.and(told?),
        Err(_) => {
            telling.abort();
            ended
        }
    }
}

/// Puts requests to the pump as they come, while this node decides.
async fn take(
    from: &mut (impl tokio::io::AsyncRead + Unpin),
    leader: &Leader,
    answers: &UnboundedSender<Answer>,
    under_way: &AtomicUsize,
) -> io::Result<()> {
    loop {
        let Request { number, class, messages } =
            Request::from_bytes(&wire::read(from).await?).map_err(io::Error::other)?;
        let handle = leader();
        // An error means that the peer is gone: what is decided stays decided.
        if messages.is_empty() {
            let _ = answers.send(Answer { number, verdicts: Ok(Vec::new()) });
            match handle {
                Some(_) => continue,
                None => return Ok(()),
            }
        }
        if UNDER_WAY_MAX <= under_way.fetch_add(1, Ordering::Relaxed) {
            return Err(io::Error::other("more requests than may be under way"));
        }
        let Some(handle) = handle else {
            let _ = answers.send(Answer { number, verdicts: Err(Busy::Absent.into()) });
            return Ok(());
        };
        let to = answers.clone();
        let reply = Reply::new(move |verdicts| {
            let _ = to.send(Answer { number, verdicts });
        });
        if let Err(error) = handle.submit(class, messages, reply) {
            let _ = answers.send(Answer { number, verdicts: Err(error) });
        }
    }
}

/// Sends answers, those that are ready together in one write, until no more can come.
async fn tell(
    mut to: impl AsyncWrite + Unpin,
    mut heard: UnboundedReceiver<Answer>,
    under_way: Arc<AtomicUsize>,
) -> io::Result<()> {
    let mut out = Vec::new();
    while let Some(answer) = heard.recv().await {
        let (mut next, mut count) = (Some(answer), 0);
        out.clear();
        while let Some(answer) = next.take() {
            wire::put(&mut out, |out| answer.put(out));
            let sign = answer.verdicts.as_ref().is_ok_and(Vec::is_empty);
            count += usize::from(!sign);
            if out.len() < WRITE_BYTES {
                next = heard.try_recv().ok();
            }
        }
        under_way.fetch_sub(count, Ordering::Relaxed);
        send(&mut to, &out).await?;
    }
    to.shutdown().await
}

/// Writes, but not to a peer that takes nothing.
pub(crate) async fn send(to: &mut (impl AsyncWrite + Unpin), bytes: &[u8]) -> io::Result<()> {
    let written = async {
        to.write_all(bytes).await?;
        to.flush().await
    };
    timeout(SILENCE_MAX, written).await.map_err(|_| io::ErrorKind::TimedOut)?
}
