//! Shortcuts: tests that tell quickly and exactly that a text says nothing.
//!
//! They are taken always. Only tests go the long way round as well, to see that both ways end alike.

/// Whether shortcuts are taken.
#[cfg(not(test))]
pub(crate) const fn is_taken() -> bool {
    true
}

#[cfg(test)]
thread_local! {
    static TAKEN: std::cell::Cell<bool> = const { std::cell::Cell::new(true) };
}

/// Whether shortcuts are taken.
#[cfg(test)]
pub(crate) fn is_taken() -> bool {
    TAKEN.get()
}

/// Does `work` the long way round.
#[cfg(test)]
pub(crate) fn without<T>(work: impl FnOnce() -> T) -> T {
    TAKEN.set(false);
    let done = work();
    TAKEN.set(true);
    done
}
