//! The brake of a connection: while it rests, nothing is read of it, and the sender's own socket
//! holds it up. Answers are written meanwhile.
//!
//! A connection that was never turned away is read as if there were no brake. One that was is read
//! in pieces, each of which goes through the turnstile before the next is read: else a hundred
//! requests would have to be answered before the first of them could put the brake on. What is read
//! because there is room is a large piece ([`PIECE_BYTES`]); what comes after it is a small one
//! that doubles, so that a caller who sends more than there is room for costs little and still
//! hears that he does.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use parking_lot::Mutex;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Instant, Sleep, sleep_until};

use crate::limits::{PIECE_BYTES, PIECE_BYTES_LEAST};
use crate::turnstile::Called;

/// After so long without being turned away a connection is read like any other again.
const COOL: Duration = Duration::from_secs(5);

/// The brake, shared by the connection and the turnstile.
#[derive(Debug, Default)]
pub(crate) struct Brake {
    /// Whether anything was turned away of late.
    hot: AtomicBool,
    /// How often the connection had its turn: whatever was read in one has gone through the
    /// turnstile in the next.
    turns: AtomicU64,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    rests_until: Option<Instant>,
    rested_at: Option<Instant>,
    /// Whether the turnstile has it in its queue.
    queued: bool,
    called: Option<Called>,
    /// Bytes of the next piece.
    piece: usize,
    waker: Option<Waker>,
}

impl Brake {
    /// The connection has its turn.
    pub(crate) fn turn(&self) {
        self.turns.fetch_add(1, Ordering::AcqRel);
    }

    /// Puts the brake on. Returns whether the turnstile has to queue it.
    pub(crate) fn rest(&self, time: Duration) -> bool {
        self.hot.store(true, Ordering::Release);
        let now = Instant::now();
        let mut state = self.state.lock();
        state.rests_until.get_or_insert(now + time);
        state.rested_at = Some(now);
        state.piece = PIECE_BYTES_LEAST;
        let called = state.called.take();
        let queue = !state.queued;
        state.queued = true;
        drop(state);
        // Tells the turnstile, which is not done under the lock.
        drop(called);
        queue
    }

    /// The turnstile had no room for it in its queue: time alone lets it go on.
    pub(crate) fn is_not_queued(&self) {
        self.state.lock().queued = false;
    }

    /// Lets the connection go on for which the turnstile has room. False, if it does not rest.
    pub(crate) fn call(&self, called: impl FnOnce() -> Called) -> bool {
        let mut state = self.state.lock();
        state.queued = false;
        if state.rests_until.take().is_none() {
            return false;
        }
        state.called = Some(called());
        let waker = state.waker.take();
        drop(state);
        if let Some(waker) = waker {
            waker.wake();
        }
        true
    }

    /// The connection is no more.
    pub(crate) fn end(&self) {
        let mut state = self.state.lock();
        state.rests_until = None;
        let called = state.called.take();
        drop(state);
        drop(called);
    }

    /// A piece has gone through, or there is none: what the connection was called for is in use, or
    /// is not wanted.
    fn give_back(&self) {
        let mut state = self.state.lock();
        let first = state.called.is_some() || state.rests_until.is_some();
        state.piece = if first {
            PIECE_BYTES_LEAST
        } else {
            (state.piece * 2).clamp(PIECE_BYTES_LEAST, PIECE_BYTES)
        };
        let called = state.called.take();
        drop(state);
        drop(called);
    }

    /// Bytes that may be read now.
    fn piece(&self) -> usize {
        let state = self.state.lock();
        if state.called.is_some() { PIECE_BYTES } else { state.piece }
    }

    /// Until when it rests.
    fn rests(&self, context: &Context<'_>) -> Option<Instant> {
        let mut state = self.state.lock();
        let now = Instant::now();
        match state.rests_until {
            Some(until) if now < until => {
                state.waker = Some(context.waker().clone());
                Some(until)
            }
            Some(_) => {
                state.rests_until = None;
                None
            }
            None => {
                if state.called.is_none() && state.rested_at.is_none_or(|at| at + COOL < now) {
                    self.hot.store(false, Ordering::Release);
                }
                None
            }
        }
    }

    #[cfg(test)]
    pub(crate) fn is_resting(&self) -> bool {
        self.state.lock().rests_until.is_some()
    }
}

/// A stream with a brake.
pub(crate) struct Gate<S> {
    stream: S,
    brake: Arc<Brake>,
    sleep: Option<Pin<Box<Sleep>>>,
    /// The turn in which a piece was read that may not have gone through the turnstile.
    read_in: Option<u64>,
}

impl<S> Gate<S> {
    pub(crate) fn new(stream: S, brake: Arc<Brake>) -> Gate<S> {
        Gate { stream, brake, sleep: None, read_in: None }
    }

    /// Waits until the connection may be read.
    fn poll_rest(&mut self, context: &mut Context<'_>) -> Poll<()> {
        while let Some(until) = self.brake.rests(context) {
            let sleep = self.sleep.get_or_insert_with(|| Box::pin(sleep_until(until)));
            if sleep.deadline() != until {
                sleep.as_mut().reset(until);
            }
            if sleep.as_mut().poll(context).is_pending() {
                return Poll::Pending;
            }
        }
        Poll::Ready(())
    }
}

impl<S: AsyncRead + Unpin> Gate<S> {
    fn poll_piece(
        &mut self,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let most = buffer.remaining().min(self.brake.piece());
        let mut piece = ReadBuf::new(buffer.initialize_unfilled_to(most));
        let polled = Pin::new(&mut self.stream).poll_read(context, &mut piece);
        let read = piece.filled().len();
        buffer.advance(read);
        if 0 < read {
            self.read_in = Some(self.brake.turns.load(Ordering::Acquire));
        } else {
            self.brake.give_back();
        }
        polled
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Gate<S> {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let gate = self.get_mut();
        if !gate.brake.hot.load(Ordering::Acquire) {
            return Pin::new(&mut gate.stream).poll_read(context, buffer);
        }
        if let Some(turn) = gate.read_in {
            if gate.brake.turns.load(Ordering::Acquire) == turn {
                context.waker().wake_by_ref();
                return Poll::Pending;
            }
            gate.read_in = None;
            gate.brake.give_back();
        }
        match gate.poll_rest(context) {
            Poll::Pending => Poll::Pending,
            Poll::Ready(()) => gate.poll_piece(context, buffer),
        }
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Gate<S> {
    fn poll_write(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.get_mut().stream).poll_write(context, bytes)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        parts: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.get_mut().stream).poll_write_vectored(context, parts)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_flush(context)
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_shutdown(context)
    }
}

impl<S> Drop for Gate<S> {
    fn drop(&mut self) {
        self.brake.end();
    }
}
