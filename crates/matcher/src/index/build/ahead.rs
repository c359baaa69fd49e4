//! Two steps at a time: one thread makes what the other takes.

use std::sync::mpsc::sync_channel;
use std::thread;

use crate::index::IndexError;

/// Gives what `make` makes to `take`, in order, until `make` makes nothing; `make` runs ahead by two
/// pieces at most.
pub(super) fn ahead<T: Send>(
    mut make: impl FnMut() -> Result<Option<T>, IndexError> + Send,
    take: impl FnMut(T) -> Result<(), IndexError>,
) -> Result<(), IndexError> {
    thread::scope(|scope| {
        let (sender, receiver) = sync_channel(1);
        let maker = scope.spawn(move || {
            while let Some(piece) = make()? {
                if sender.send(piece).is_err() {
                    break;
                }
            }
            Ok(())
        });
        // An error drops the receiver, which ends the maker.
        receiver.into_iter().try_for_each(take)?;
        maker
            .join()
            .unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    })
}
