//! From a transfer on the runtime to a reader on a thread that blocks.

use super::{Courier, Place, transfer::Transfer};
use crate::Error;
use bytes::{Buf, Bytes};
use std::io::{self, Read};
use tokio::{
    runtime::Handle,
    sync::mpsc::{Receiver, Sender, channel},
    task::JoinHandle,
};

/// Pieces on their way. The HTTP client's are below half a MiB, so these are a few MiB.
const PIECES: usize = 8;

/// What the transfer sends: a piece, or `None` behind the last, so that a lost transfer is not
/// taken for the end of the file.
type Piece = Result<Option<Bytes>, Error>;

/// The reading end. Dropping it ends the transfer.
pub(super) struct Pipe {
    pieces: Receiver<Piece>,
    current: Bytes,
    ended: bool,
    transfer: JoinHandle<()>,
}

impl Pipe {
    pub(super) fn open(runtime: &Handle, courier: Courier, place: Place) -> Self {
        let (sender, pieces) = channel(PIECES);
        let transfer = runtime.spawn(async move {
            if let Err(error) = pump(courier, place, &sender).await {
                // Nobody listens any more: then nobody needs to know.
                let _ = sender.send(Err(error)).await;
            }
        });
        Self { pieces, current: Bytes::new(), ended: false, transfer }
    }
}

async fn pump(courier: Courier, place: Place, sender: &Sender<Piece>) -> Result<(), Error> {
    let mut transfer = Transfer::new(courier, place)?;
    loop {
        let piece = transfer.next().await?;
        let last = piece.is_none();
        if sender.send(Ok(piece)).await.is_err() || last {
            return Ok(());
        }
    }
}

impl Read for Pipe {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.current.is_empty() && !self.ended {
            match self.pieces.blocking_recv() {
                Some(Ok(Some(piece))) => self.current = piece,
                Some(Ok(None)) => self.ended = true,
                // Of a kind that no reader takes for damage within the archive.
                Some(Err(error)) => return Err(io::Error::other(error)),
                None => return Err(io::Error::other("the transfer was lost")),
            }
        }
        let count = buffer.len().min(self.current.len());
        self.current.copy_to_slice(&mut buffer[..count]);
        Ok(count)
    }
}

impl Drop for Pipe {
    fn drop(&mut self) {
        self.transfer.abort();
    }
}
