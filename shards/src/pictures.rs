//! Fetched pictures, rows and bytes together again.

use crate::{Error, Store, read_pack, stream_bucket};
use futures::{Stream, StreamExt, TryStreamExt, stream};
use schema::{Bucket, Fetched, sha256_hex};

/// Bytes of pictures in memory at a time, and one picture more.
const MOST_BYTES: u64 = 8 * 1024 * 1024;

/// The pictures of `share` (`fetch/<bucket>-<number>`), some megabytes at a time, with their bodies.
pub async fn stream_pictures(
    store: &Store,
    share: &str,
    bucket: Bucket,
) -> Result<impl Stream<Item = Result<Vec<Fetched>, Error>> + use<>, Error> {
    let (store, pack) = (store.clone(), format!("{share}.pack"));
    let rows = stream_bucket::<Fetched>(&store, &format!("{share}.parquet"), bucket).await?;
    let parts = rows.map_ok(|rows| stream::iter(parts(rows)).map(Ok::<_, Error>)).try_flatten();
    Ok(parts.and_then(move |part| {
        let (store, pack) = (store.clone(), pack.clone());
        async move { with_bodies(&store, &pack, part).await }
    }))
}

/// Cuts rows where a part has bytes enough.
fn parts(rows: Vec<Fetched>) -> Vec<Vec<Fetched>> {
    let mut parts = Vec::new();
    let (mut part, mut bytes) = (Vec::new(), 0);
    for row in rows {
        bytes += row.bytes;
        part.push(row);
        if bytes >= MOST_BYTES {
            parts.push(std::mem::take(&mut part));
            bytes = 0;
        }
    }
    if !part.is_empty() {
        parts.push(part);
    }
    parts
}

/// Reads the bodies of `part`, which lie side by side, in one piece.
async fn with_bodies(store: &Store, pack: &str, mut part: Vec<Fetched>) -> Result<Vec<Fetched>, Error> {
    let start = part.iter().map(|row| row.offset).min().unwrap_or(0);
    let end = part.iter().map(|row| row.offset.saturating_add(row.bytes)).max().unwrap_or(0);
    let bytes = read_pack(store, pack, start..end).await?;
    for row in &mut part {
        // Both ends lie in the range, which was read whole.
        let from = usize::try_from(row.offset - start).unwrap_or(usize::MAX);
        row.body = bytes.slice(from..from + usize::try_from(row.bytes).unwrap_or(0));
        if sha256_hex(&row.body) != row.sha256 {
            let url = &row.candidate.url;
            let problem = format!("it does not hold `{url}` as it was received: take the folder for damaged");
            return Err(Error::Pack { name: pack.to_owned(), problem });
        }
    }
    Ok(part)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{PackWriter, ShardWriter, reader::tests::candidate};
    use chrono::DateTime;

    fn fetched(number: usize, body: Vec<u8>) -> Fetched {
        Fetched {
            candidate: candidate("a.example", &format!("text {number}")),
            final_url: "http://a.example/a.jpg".into(),
            attempts: 1,
            seconds: 0.1,
            fetched_at: DateTime::from_timestamp(7, 0).unwrap(),
            mime: "image/jpeg".into(),
            width: 1,
            height: 1,
            sha256: sha256_hex(&body),
            ai_generated: None,
            offset: 0,
            bytes: body.len() as u64,
            body: body.into(),
        }
    }

    async fn write(store: &Store, rows: &mut [Fetched]) {
        let mut pack = PackWriter::create(store, "fetch/0-0.pack");
        for row in &mut *rows {
            row.offset = pack.put(row.body.clone()).await.unwrap();
        }
        pack.close().await.unwrap();
        let mut writer = ShardWriter::create(store, "fetch/0-0.parquet").unwrap();
        writer.write(Bucket(0), rows).await.unwrap();
        writer.close().await.unwrap();
    }

    #[tokio::test]
    async fn rows_get_their_bodies_back_a_few_megabytes_at_a_time() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::create(folder.path().to_str().unwrap()).unwrap();
        let large = usize::try_from(MOST_BYTES).unwrap();
        let sizes = [100, large / 2, large / 2, 1, 3 * large, 0, 5];
        let mut rows: Vec<Fetched> = (0..7)
            .zip(sizes)
            .map(|(number, size)| fetched(number, vec![u8::try_from(number).unwrap(); size]))
            .collect();
        write(&store, &mut rows).await;
        let parts = stream_pictures(&store, "fetch/0-0", Bucket(0)).await.unwrap();
        let parts: Vec<Vec<Fetched>> = parts.try_collect().await.unwrap();
        assert_eq!(parts.iter().map(Vec::len).collect::<Vec<_>>(), [3, 2, 2]);
        assert_eq!(parts.concat(), rows);
    }

    #[tokio::test]
    async fn a_pack_of_other_rows_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::create(folder.path().to_str().unwrap()).unwrap();
        write(&store, &mut [fetched(0, b"one".to_vec()), fetched(1, b"two".to_vec())]).await;
        store.put("fetch/0-0.pack", "oneTWO").await.unwrap();
        let parts = stream_pictures(&store, "fetch/0-0", Bucket(0)).await.unwrap();
        let error = parts.try_collect::<Vec<_>>().await.unwrap_err().to_string();
        assert!(error.contains("fetch/0-0.pack") && error.contains("http://a.example/a.jpg"), "{error}");
    }
}
