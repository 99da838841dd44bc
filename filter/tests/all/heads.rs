//! LAION's published heads against the golden scores of shared/data/README.md, and against `NumPy` (`golden/heads.py`).

use crate::support::{npy, shared};
use filter::heads::{LinearHead, Network, PromptPair};
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

/// Lines of `golden/heads.csv`: rating, punsafe and violence.
fn by_numpy(space: &str) -> Vec<(usize, f32, f32)> {
    let table = include_str!("../golden/heads.csv").lines().filter_map(|line| line.strip_prefix(&format!("{space},")));
    let rows = table.map(|line| line.split(',').map(|number| number.parse::<f32>().unwrap()).collect::<Vec<_>>());
    rows.enumerate().map(|(rating, row)| (rating, row[1], row[2])).collect()
}

fn assert_as_numpy(test: &str, space: &str, short: &str) {
    let Some(folder) = shared(test, "laion") else { return };
    let file = |name: String| fs::read(folder.join(name)).unwrap();
    let nsfw = Network::laion_nsfw(&file(format!("nsfw/nsfw_{short}.npz"))).unwrap();
    let violence = PromptPair::laion_violence(&file(format!("nsfw/violence_detection_vit_{space}.npy"))).unwrap();
    let golden = by_numpy(space);
    assert_eq!(golden.len(), 10);
    for (rating, punsafe, violent) in golden {
        let embedding = npy(&folder.join(format!("v1/vit_{space}_embeddings/rating{rating}.npy")));
        assert_eq!((nsfw.dimension(), violence.dimension(), nsfw.outputs()), (embedding.len(), embedding.len(), 1));
        // NumPy's in float32, ours summed in double precision. Most are near 0, so the difference is relative.
        let alike = |ours: f32, theirs: f32| (ours - theirs).abs() <= 1e-3 * theirs;
        let score = nsfw.scores(&embedding)[0];
        assert!(alike(score, punsafe), "{space} {rating}: punsafe {score} for {punsafe}");
        let score = violence.score(&embedding);
        assert!(alike(score, violent), "{space} {rating}: violence {score} for {violent}");
    }
}

#[test]
fn nsfw_and_violence_l14_score_as_numpy_does() {
    assert_as_numpy("nsfw_and_violence_l14_score_as_numpy_does", "l_14", "l14");
}

#[test]
fn nsfw_and_violence_b32_score_as_numpy_does() {
    assert_as_numpy("nsfw_and_violence_b32_score_as_numpy_does", "b_32", "b32");
}

#[test]
fn damaged_detectors_are_refused() {
    let Some(folder) = shared("damaged_detectors_are_refused", "laion") else { return };
    let nsfw = fs::read(folder.join("nsfw/nsfw_b32.npz")).unwrap();
    let violence = fs::read(folder.join("nsfw/violence_detection_vit_b_32.npy")).unwrap();
    let v1 = fs::read(folder.join("v1/sa_0_4_vit_b_32_linear.pth")).unwrap();
    assert!(Network::laion_nsfw(&v1).unwrap_err().contains("holds no array `mean`"));
    assert!(PromptPair::laion_violence(&nsfw).unwrap_err().contains("is no array"));
    for length in (0..nsfw.len()).step_by(97) {
        assert!(Network::laion_nsfw(&nsfw[..length]).is_err(), "{length} bytes");
    }
    for length in 0..violence.len() {
        assert!(PromptPair::laion_violence(&violence[..length]).is_err(), "{length} bytes");
    }
    for index in (0..nsfw.len()).step_by(13).chain(nsfw.len() - 1024..nsfw.len()) {
        let mut changed = nsfw.clone();
        changed[index] ^= 0xff;
        // Some bytes are numbers, where any value goes; none may panic.
        let _ = Network::laion_nsfw(&changed);
    }
    // A compressed archive could swell: only stored entries are read.
    let mut packed = nsfw.clone();
    let directory = packed.windows(4).position(|window| window == b"PK\x01\x02").unwrap();
    packed[directory + 10] = 8;
    assert!(Network::laion_nsfw(&packed).unwrap_err().contains("stored entries"));
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
