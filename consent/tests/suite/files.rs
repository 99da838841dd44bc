//! Builders of small image files: no pixels, only what stands around them.

use std::io::Write;

/// A marker segment of a JPEG.
pub(crate) fn segment(marker: u8, body: &[u8]) -> Vec<u8> {
    let length = u16::try_from(body.len() + 2).expect("a short segment");
    [&[0xFF, marker][..], &length.to_be_bytes(), body].concat()
}

pub(crate) fn jpeg(segments: &[Vec<u8>]) -> Vec<u8> {
    [&[0xFF, 0xD8][..], &segments.concat(), b"\xFF\xDA\x00\x02\x11\xFF\x00\x22\xFF\xD9"].concat()
}

pub(crate) fn jpeg_xmp(xmp: &[u8]) -> Vec<u8> {
    segment(0xE1, &[b"http://ns.adobe.com/xap/1.0/\0", xmp].concat())
}

/// One part of an extended packet.
pub(crate) fn jpeg_extended_xmp(guid: &[u8; 32], whole: usize, offset: usize, part: &[u8]) -> Vec<u8> {
    let number = |value: usize| u32::try_from(value).expect("a small number").to_be_bytes();
    segment(0xE1, &[b"http://ns.adobe.com/xmp/extension/\0", &guid[..], &number(whole), &number(offset), part].concat())
}

/// A Photoshop resource block with an IPTC-IIM block in it.
pub(crate) fn photoshop(iim: &[u8]) -> Vec<u8> {
    let length = u32::try_from(iim.len()).expect("a short block");
    [b"8BIM\x04\x04\0\0", &length.to_be_bytes()[..], iim, &vec![0; iim.len() % 2]].concat()
}

pub(crate) fn dataset(record: u8, number: u8, value: &[u8]) -> Vec<u8> {
    let length = u16::try_from(value.len()).expect("a short value");
    [&[0x1C, record, number][..], &length.to_be_bytes(), value].concat()
}

pub(crate) fn chunk(kind: [u8; 4], data: &[u8]) -> Vec<u8> {
    let length = u32::try_from(data.len()).expect("a short chunk");
    // Nobody checks the checksum.
    [&length.to_be_bytes()[..], &kind, data, b"\0\0\0\0"].concat()
}

pub(crate) fn png(chunks: &[Vec<u8>]) -> Vec<u8> {
    [b"\x89PNG\r\n\x1A\n", &chunk(*b"IHDR", &[0; 13])[..], &chunks.concat(), &chunk(*b"IEND", b"")].concat()
}

pub(crate) fn png_text(key: &str, value: &[u8]) -> Vec<u8> {
    chunk(*b"tEXt", &[key.as_bytes(), b"\0", value].concat())
}

pub(crate) fn png_compressed_text(key: &str, value: &[u8]) -> Vec<u8> {
    chunk(*b"zTXt", &[key.as_bytes(), b"\0\0", &deflated(value)].concat())
}

pub(crate) fn png_international_text(key: &str, is_compressed: bool, value: &[u8]) -> Vec<u8> {
    let value = if is_compressed { deflated(value) } else { value.to_vec() };
    chunk(*b"iTXt", &[key.as_bytes(), &[0, u8::from(is_compressed), 0], b"en\0\0", &value].concat())
}

/// A profile as `ImageMagick` writes it: name, length, hexadecimal in lines.
pub(crate) fn png_profile(kind: &str, profile: &[u8]) -> Vec<u8> {
    let digits: String = profile.iter().map(|byte| format!("{byte:02x}")).collect();
    let lines: Vec<&str> = digits.as_bytes().chunks(72).map(|line| str::from_utf8(line).expect("ASCII")).collect();
    let text = format!("\n{kind}\n{:>8}\n{}\n", profile.len(), lines.join("\n"));
    png_compressed_text(&format!("Raw profile type {kind}"), text.as_bytes())
}

pub(crate) fn deflated(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(bytes).expect("memory");
    encoder.finish().expect("memory")
}

pub(crate) fn brotlied(bytes: &[u8]) -> Vec<u8> {
    let mut compressed = Vec::new();
    brotli::CompressorWriter::new(&mut compressed, 4096, 5, 20).write_all(bytes).expect("memory");
    compressed
}

pub(crate) fn webp(chunks: &[(&[u8; 4], &[u8])]) -> Vec<u8> {
    let mut body = b"WEBP".to_vec();
    for (kind, data) in chunks {
        body.extend_from_slice(*kind);
        body.extend(u32::try_from(data.len()).expect("a short chunk").to_le_bytes());
        body.extend_from_slice(data);
        body.extend(vec![0; data.len() % 2]);
    }
    [b"RIFF", &u32::try_from(body.len()).expect("a short file").to_le_bytes()[..], &body].concat()
}

/// A GIF with a colour table and one picture after the extensions.
pub(crate) fn gif(extensions: &[Vec<u8>]) -> Vec<u8> {
    let picture = b"\x2C\0\0\0\0\x01\0\x01\0\0\x02\x02\x44\x01\0";
    [b"GIF89a\x01\0\x01\0\x80\0\0", &[0xFF; 6][..], picture, &extensions.concat(), b"\x3B"].concat()
}

pub(crate) fn gif_comment(text: &[u8]) -> Vec<u8> {
    [b"\x21\xFE", &sub_blocks(text)[..]].concat()
}

pub(crate) fn gif_xmp(xmp: &[u8]) -> Vec<u8> {
    let trailer: Vec<u8> = [1].into_iter().chain((0..=255).rev()).chain([0]).collect();
    [b"\x21\xFF\x0BXMP DataXMP", xmp, &trailer].concat()
}

fn sub_blocks(data: &[u8]) -> Vec<u8> {
    let mut blocks = Vec::new();
    for block in data.chunks(255) {
        blocks.push(u8::try_from(block.len()).expect("a chunk"));
        blocks.extend_from_slice(block);
    }
    blocks.push(0);
    blocks
}

/// A TIFF structure with one directory. A tag of type 7 (undefined) for each value.
pub(crate) fn tiff(is_big: bool, tags: &[(u16, &[u8])]) -> Vec<u8> {
    tiff_with(is_big, tags, 0)
}

/// The same with a second directory for the tags of EXIF.
pub(crate) fn exif(is_big: bool, tags: &[(u16, &[u8])], exif_tags: &[(u16, &[u8])]) -> Vec<u8> {
    let pointer: &[u8] = &[0; 5];
    let probe = tiff_with(is_big, &[tags, &[(0x8769, pointer)]].concat(), 0).len();
    let mut file = tiff_with(is_big, &[tags, &[(0x8769, pointer)]].concat(), probe);
    file.truncate(probe);
    let directory = tiff_with(is_big, exif_tags, 0);
    // Its own offsets begin at its own start, so they are moved.
    file.extend(directory_at(is_big, exif_tags, probe));
    assert_eq!(file.len(), probe + directory.len() - 8);
    file
}

fn tiff_with(is_big: bool, tags: &[(u16, &[u8])], exif_at: usize) -> Vec<u8> {
    let head: &[u8] = if is_big { b"MM\0\x2A\0\0\0\x08" } else { b"II\x2A\0\x08\0\0\0" };
    let mut file = [head, &directory_at(is_big, tags, 8)].concat();
    if let Some(index) = tags.iter().position(|(tag, _)| *tag == 0x8769) {
        let entry = 8 + 2 + 12 * index;
        let number = u32::try_from(exif_at).expect("a small file");
        file[entry + 2..entry + 8].copy_from_slice(if is_big { b"\0\x04\0\0\0\x01" } else { b"\x04\0\x01\0\0\0" });
        file[entry + 8..entry + 12].copy_from_slice(&if is_big { number.to_be_bytes() } else { number.to_le_bytes() });
    }
    file
}

fn directory_at(is_big: bool, tags: &[(u16, &[u8])], at: usize) -> Vec<u8> {
    let short = |value: usize| {
        let value = u16::try_from(value).expect("a small number");
        if is_big { value.to_be_bytes() } else { value.to_le_bytes() }
    };
    let long = |value: usize| {
        let value = u32::try_from(value).expect("a small number");
        if is_big { value.to_be_bytes() } else { value.to_le_bytes() }
    };
    let mut directory = short(tags.len()).to_vec();
    let mut values = Vec::new();
    let values_at = at + 2 + 12 * tags.len() + 4;
    for (tag, value) in tags {
        directory.extend(short(usize::from(*tag)));
        directory.extend(short(kind_of(*tag)));
        directory.extend(long(value.len()));
        if value.len() <= 4 {
            directory.extend([*value, &[0; 4][value.len()..]].concat());
        } else {
            directory.extend(long(values_at + values.len()));
            values.extend_from_slice(value);
        }
    }
    directory.extend(long(0));
    [directory, values].concat()
}

/// ASCII for the tags that are, else bytes or undefined.
fn kind_of(tag: u16) -> usize {
    match tag {
        0x010E | 0x0131 | 0x013B | 0x8298 => 2,
        0x02BC | 0x9C9B..=0x9C9F => 1,
        _ => 7,
    }
}

pub(crate) fn a_box(kind: [u8; 4], body: &[u8]) -> Vec<u8> {
    let length = u32::try_from(body.len() + 8).expect("a short box");
    [&length.to_be_bytes()[..], &kind, body].concat()
}

/// An AVIF of one item of metadata, which lies in `mdat` or in `idat`.
pub(crate) fn avif(entry: &[u8], item: &[u8], is_in_idat: bool) -> Vec<u8> {
    let brand = a_box(*b"ftyp", b"avif\0\0\0\0mif1");
    let meta = |offset: usize| {
        let offset = u32::try_from(offset).expect("a small file").to_be_bytes();
        let length = u32::try_from(item.len()).expect("a short item").to_be_bytes();
        let infe = a_box(*b"infe", &[b"\x02\0\0\0\0\x01\0\0", entry].concat());
        let iinf = a_box(*b"iinf", &[b"\0\0\0\0\0\x01", &infe[..]].concat());
        let method = [0, u8::from(is_in_idat)];
        let iloc = [b"\x01\0\0\0\x44\0\0\x01\0\x01", &method[..], b"\0\0\0\x01", &offset, &length].concat();
        let idat = if is_in_idat { a_box(*b"idat", item) } else { Vec::new() };
        a_box(*b"meta", &[&[0; 4][..], &iinf, &a_box(*b"iloc", &iloc), &idat].concat())
    };
    let offset = if is_in_idat { 0 } else { brand.len() + meta(0).len() + 8 };
    let data = if is_in_idat { Vec::new() } else { a_box(*b"mdat", item) };
    [brand, meta(offset), data].concat()
}

pub(crate) fn jxl(boxes: &[Vec<u8>]) -> Vec<u8> {
    [a_box(*b"JXL ", b"\r\n\x87\n"), a_box(*b"ftyp", b"jxl \0\0\0\0jxl "), boxes.concat()].concat()
}

/// An XMP packet with one description.
pub(crate) fn xmp(attributes: &str, inner: &str) -> String {
    format!(
        "<?xpacket begin=\"\u{feff}\" id=\"W5M0MpCehiHzreSzNTczkc9d\"?>\
         <x:xmpmeta xmlns:x=\"adobe:ns:meta/\"><rdf:RDF xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\">\
         <rdf:Description rdf:about=\"\" xmlns:plus=\"http://ns.useplus.org/ldf/xmp/1.0/\" \
         xmlns:dc=\"http://purl.org/dc/elements/1.1/\" xmlns:xmpRights=\"http://ns.adobe.com/xap/1.0/rights/\" \
         xmlns:Iptc4xmpExt=\"http://iptc.org/std/Iptc4xmpExt/2008-02-29/\" {attributes}>{inner}</rdf:Description>\
         </rdf:RDF></x:xmpmeta><?xpacket end=\"w\"?>"
    )
}
