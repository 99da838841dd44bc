//! Addresses, and what is no hub; transfers are tested from outside (`tests/models.rs`).

use super::*;

fn hub(address: &str, token: Option<&str>) -> Result<Hub, Error> {
    Hub::open(&Agent::default(), address, token, Patience::default())
}

#[test]
fn addresses_are_those_of_the_hub() {
    let wanted = |file| Wanted { repository: "me/mine", revision: "refs/pr/1", file, bytes: None };
    for (root, file, address) in [
        (HUB, "onnx/a.onnx", "https://huggingface.co/me/mine/resolve/refs%2Fpr%2F1/onnx/a.onnx"),
        ("https://mirror.example/hf/", "a?b#c", "https://mirror.example/hf/me/mine/resolve/refs%2Fpr%2F1/a%3Fb%23c"),
    ] {
        assert_eq!(hub(root, None).unwrap().address(&wanted(file)).as_str(), address);
    }
}

#[test]
fn what_is_no_hub_is_refused_and_no_secret_is_told() {
    for address in ["mirror.example", "ftp://mirror.example", "", "file:///models"] {
        let error = hub(address, None).unwrap_err();
        assert!(error.hint().unwrap().contains("HF_ENDPOINT"), "{error}");
    }
    let error = hub("https://me:secret@mirror.example", None).unwrap_err();
    assert!(!error.to_string().contains("secret") && error.hint().unwrap().contains("HF_TOKEN"), "{error}");
    let error = hub("http://mirror.example", Some("secret")).unwrap_err();
    assert!(error.to_string().contains("without encryption") && !error.to_string().contains("secret"), "{error}");
    assert!(hub("https://mirror.example", Some("a\nb")).is_err());
    let hub = hub("http://127.0.0.1:8080", Some("secret")).unwrap();
    assert!(!format!("{hub:?}").contains("secret"));
}
