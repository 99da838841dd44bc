//! Whole gzip members through libdeflate, which is over half as fast again as zlib-rs but wants a
//! member in one piece. The safe wrapper of libdeflate does not tell how many bytes of the input a
//! member took, so this calls the C functions: the one unsafe place of the crate.
#![expect(unsafe_code, reason = "libdeflate is C; only its gzip function with both lengths is called")]

use libdeflate_sys::{
    libdeflate_alloc_decompressor, libdeflate_decompressor, libdeflate_free_decompressor,
    libdeflate_gzip_decompress_ex, libdeflate_result_LIBDEFLATE_INSUFFICIENT_SPACE as INSUFFICIENT_SPACE,
    libdeflate_result_LIBDEFLATE_SUCCESS as SUCCESS,
};
use std::ptr::NonNull;

/// A decompressor, used again for every member.
pub(super) struct Inflater(NonNull<libdeflate_decompressor>);

/// How a member came out.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Inflated {
    /// In one piece, its checksum right.
    Whole {
        /// Bytes of the input that were the member.
        consumed: usize,
        /// Bytes of the output that it became.
        produced: usize,
    },
    /// The output is too small.
    NoRoom,
    /// Damaged, or not all of it is in the input: libdeflate does not tell one from the other.
    Bad,
}

// SAFETY: a decompressor is a block of memory of its own without ties to the thread that made it
// (libdeflate.h: "may be used by one thread at a time"), and `member` takes `&mut self`.
unsafe impl Send for Inflater {}

impl Inflater {
    /// `None` where there is no memory for it.
    pub(super) fn new() -> Option<Self> {
        // SAFETY: takes nothing; null is handled.
        NonNull::new(unsafe { libdeflate_alloc_decompressor() }).map(Self)
    }

    /// Inflates the gzip member at the start of `input`.
    pub(super) fn member(&mut self, input: &[u8], output: &mut [u8]) -> Inflated {
        let (mut consumed, mut produced) = (0, 0);
        // SAFETY: the decompressor is alive until `drop`; both buffers are told with their own
        // lengths, beyond which libdeflate neither reads nor writes; the two counts are ours.
        let result = unsafe {
            libdeflate_gzip_decompress_ex(
                self.0.as_ptr(),
                input.as_ptr().cast(),
                input.len(),
                output.as_mut_ptr().cast(),
                output.len(),
                &raw mut consumed,
                &raw mut produced,
            )
        };
        match result {
            SUCCESS => Inflated::Whole { consumed, produced },
            INSUFFICIENT_SPACE => Inflated::NoRoom,
            _ => Inflated::Bad,
        }
    }
}

impl Drop for Inflater {
    fn drop(&mut self) {
        // SAFETY: came from `libdeflate_alloc_decompressor` and is freed once.
        unsafe { libdeflate_free_decompressor(self.0.as_ptr()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::{Compression, write::GzEncoder};
    use std::io::Write;

    #[test]
    fn a_member_tells_both_its_lengths() {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(&b"hello ".repeat(100)).unwrap();
        let member = encoder.finish().unwrap();
        let two = [&member[..], &member].concat();
        let mut output = vec![0; 1000];
        let mut inflater = Inflater::new().unwrap();
        let whole = Inflated::Whole { consumed: member.len(), produced: 600 };
        assert_eq!(inflater.member(&two, &mut output), whole);
        assert_eq!(&output[..600], b"hello ".repeat(100));
        assert_eq!(inflater.member(&member, &mut output[..600]), whole);
        assert_eq!(inflater.member(&member, &mut output[..599]), Inflated::NoRoom);
        assert_eq!(inflater.member(&member[..member.len() - 1], &mut output), Inflated::Bad);
        assert_eq!(inflater.member(b"", &mut output), Inflated::Bad);
        assert_eq!(inflater.member(&member, &mut []), Inflated::NoRoom);
    }
}
