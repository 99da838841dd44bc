//! Little that becomes much.

use flate2::{
    Compression,
    write::{GzEncoder, ZlibEncoder},
};
use std::io::Write;

pub(super) fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// HTTP's `deflate` is the zlib format (RFC 9110 section 8.4.1.2).
pub(super) fn deflate(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

pub(super) fn brotli(bytes: &[u8]) -> Vec<u8> {
    let mut packed = Vec::new();
    let mut encoder = brotli::CompressorWriter::new(&mut packed, 64 * 1024, 1, 22);
    encoder.write_all(bytes).unwrap();
    drop(encoder);
    packed
}

pub(super) fn zstd(bytes: &[u8]) -> Vec<u8> {
    zstd::encode_all(bytes, 1).unwrap()
}

/// Zeros, packed: the start of the stream with its head, and a piece that may follow again and again, since it
/// looks back at nothing but zeros.
pub(super) fn squeezed_zeros(is_gzip: bool) -> [Vec<u8>; 2] {
    let zeros = vec![0; 4 * 1024 * 1024];
    if is_gzip {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        [(); 2].map(|()| {
            encoder.write_all(&zeros).unwrap();
            encoder.flush().unwrap();
            std::mem::take(encoder.get_mut())
        })
    } else {
        let mut encoder = ZlibEncoder::new(Vec::new(), Compression::fast());
        [(); 2].map(|()| {
            encoder.write_all(&zeros).unwrap();
            encoder.flush().unwrap();
            std::mem::take(encoder.get_mut())
        })
    }
}

/// "Large window brotli" with a window of 2^30 bytes, the bytes stored as they are in meta-blocks of 64 KiB. Bits
/// are filled from the lowest (RFC 7932 section 1.5.1, and `EncodeWindowBits` of the reference encoder).
pub(super) fn large_window_brotli(bytes: &[u8]) -> Vec<u8> {
    // 0x11 in eight bits, then the window in six.
    let mut bits: u64 = 0x11 | 30 << 8;
    let mut filled: u32 = 14;
    let mut packed = Vec::new();
    for block in bytes.chunks(64 * 1024) {
        // Not the last; four nibbles of length; the length less one; not compressed.
        let head = u64::try_from(block.len() - 1).unwrap() << 3 | 1 << 19;
        bits |= head << filled;
        filled += 20;
        while filled > 0 {
            packed.push(bits.to_le_bytes()[0]);
            bits >>= 8;
            filled = filled.saturating_sub(8);
        }
        packed.extend_from_slice(block);
    }
    // The last, and empty.
    packed.push(3);
    packed
}
