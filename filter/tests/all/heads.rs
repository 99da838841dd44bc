//! LAION's published aesthetic heads against the golden scores of shared/data/README.md.

use crate::support::{npy, shared};
use filter::heads::LinearHead;
use std::fs;

const V1_L14: [f32; 10] = [-2.46, -0.14, 1.90, 3.58, 5.10, 6.47, 7.79, 9.05, 10.23, 11.30];
const V1_B32: [f32; 10] = [-1.47, 0.27, 1.99, 3.61, 5.09, 6.39, 7.67, 8.92, 9.92, 11.01];
const V2: [f32; 10] = [1.66, 2.36, 3.07, 3.67, 4.24, 4.70, 5.07, 5.37, 5.58, 5.75];

fn assert_golden(test: &str, head: &str, embeddings: &str, golden: [f32; 10]) {
    let Some(folder) = shared(test, "laion") else { return };
    let file = fs::read(folder.join(head)).unwrap();
    let read = if head.starts_with("v1") { LinearHead::laion_v1 } else { LinearHead::laion_v2 };
    let linear = read(&file).unwrap();
    for (rating, golden) in golden.into_iter().enumerate() {
        let embedding = npy(&folder.join(format!("v1/{embeddings}/rating{rating}.npy")));
        assert_eq!(embedding.len(), linear.dimension());
        let score = linear.score(&embedding);
        // The golden scores are rounded to two places.
        assert!((score - golden).abs() <= 0.005 + 1e-3, "{head}, rating {rating}: {score} for {golden}");
    }
}

#[test]
fn v1_l14_scores_as_published() {
    assert_golden("v1_l14_scores_as_published", "v1/sa_0_4_vit_l_14_linear.pth", "vit_l_14_embeddings", V1_L14);
}

#[test]
fn v1_b32_scores_as_published() {
    assert_golden("v1_b32_scores_as_published", "v1/sa_0_4_vit_b_32_linear.pth", "vit_b_32_embeddings", V1_B32);
}

#[test]
fn v2_scores_as_published() {
    assert_golden("v2_scores_as_published", "v2/sac+logos+ava1-l14-linearMSE.pth", "vit_l_14_embeddings", V2);
}

#[test]
fn files_of_the_wrong_kind_or_damaged_are_refused() {
    let Some(folder) = shared("files_of_the_wrong_kind_or_damaged_are_refused", "laion") else { return };
    let v1 = fs::read(folder.join("v1/sa_0_4_vit_b_32_linear.pth")).unwrap();
    let v2 = fs::read(folder.join("v2/ava+logos-l14-linearMSE.pth")).unwrap();
    assert!(LinearHead::laion_v1(&v2).unwrap_err().contains("holds no tensor `weight`"));
    assert!(LinearHead::laion_v2(&v1).unwrap_err().contains("holds no tensor `layers.0.weight`"));
    assert!(LinearHead::laion_v1(b"PK\x05\x06").is_err());
    for length in 0..v1.len() {
        assert!(LinearHead::laion_v1(&v1[..length]).is_err(), "{length} bytes");
    }
    for index in 0..v1.len() {
        let mut changed = v1.clone();
        changed[index] ^= 0xff;
        // Some bytes are numbers, where any value goes; none may panic.
        let _ = LinearHead::laion_v1(&changed);
    }
}
