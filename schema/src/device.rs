//! Where inference runs: the processor, or one GPU or several, and through which of ONNX Runtime's providers.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};
use std::{fmt, str::FromStr};

/// Where inference runs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Device {
    /// All GPUs that ONNX Runtime can use, else the processor.
    #[default]
    Auto,
    /// The processor.
    Cpu,
    /// These GPUs and no other; at least one.
    Gpus(Vec<Gpu>),
}

/// A GPU as ONNX Runtime is asked for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Gpu {
    /// Through which provider.
    pub provider: Provider,
    /// Its number by CUDA's count, which `CUDA_VISIBLE_DEVICES` narrows; all there are, where none is said.
    pub number: Option<u16>,
}

/// What drives a GPU.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Provider {
    /// ONNX Runtime's kernels and cuDNN.
    Cuda,
    /// TensorRT's engines, built when a model is first opened.
    TensorRt,
}

impl Provider {
    const ALL: [Self; 2] = [Self::Cuda, Self::TensorRt];

    const fn name(self) -> &'static str {
        match self {
            Self::Cuda => "cuda",
            Self::TensorRt => "tensorrt",
        }
    }
}

impl fmt::Display for Gpu {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.provider.name())?;
        self.number.map_or(Ok(()), |number| write!(f, ":{number}"))
    }
}

impl FromStr for Gpu {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let (name, number) = match text.split_once(':') {
            Some((name, number)) => (name, Some(number.parse().map_err(|_| ())?)),
            None => (text, None),
        };
        let provider = Provider::ALL.into_iter().find(|provider| provider.name() == name).ok_or(())?;
        Ok(Self { provider, number })
    }
}

impl fmt::Display for Device {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Auto => f.write_str("auto"),
            Self::Cpu => f.write_str("cpu"),
            Self::Gpus(gpus) => f.write_str(&gpus.iter().map(Gpu::to_string).collect::<Vec<_>>().join(",")),
        }
    }
}

impl FromStr for Device {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let unknown = |()| {
            format!(
                "`{text}` is no device: write `auto`, `cpu`, `cuda`, `cuda:0`, `tensorrt:1`, or several GPUs with commas"
            )
        };
        match text.trim() {
            "auto" => Ok(Self::Auto),
            "cpu" => Ok(Self::Cpu),
            several => {
                let gpus: Result<Vec<Gpu>, ()> = several.split(',').map(|gpu| gpu.trim().parse()).collect();
                let gpus = gpus.map_err(unknown)?;
                // Two sessions of one model on one GPU only take its memory twice.
                let twice = gpus.iter().enumerate().find(|(at, gpu)| {
                    gpus[..*at]
                        .iter()
                        .any(|other| other.number == gpu.number || other.number.is_none() || gpu.number.is_none())
                });
                twice.map_or(Ok(Self::Gpus(gpus.clone())), |(_, gpu)| {
                    Err(format!("`{text}` names the GPU of `{gpu}` twice"))
                })
            }
        }
    }
}

impl Serialize for Device {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Device {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        String::deserialize(from)?.parse().map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn devices_are_read_as_they_are_written() {
        for text in ["auto", "cpu", "cuda", "cuda:0", "cuda:0,cuda:3", "tensorrt", "tensorrt:1,cuda:0"] {
            assert_eq!(text.parse::<Device>().unwrap().to_string(), text);
        }
        let both = Device::Gpus(vec![
            Gpu { provider: Provider::Cuda, number: Some(0) },
            Gpu { provider: Provider::TensorRt, number: Some(12) },
        ]);
        assert_eq!(" cuda:0, tensorrt:12 ".parse(), Ok(both));
    }

    #[test]
    fn what_is_no_device_is_named() {
        for text in ["", "gpu", "CUDA:0", "cuda:", "cuda:-1", "cuda:x", "cpu,cuda:0", "cuda:0,,cuda:1", "cuda:0;cuda:1"]
        {
            let problem = text.parse::<Device>().unwrap_err();
            assert!(problem.starts_with(&format!("`{text}` is no device: write `auto`")), "{problem}");
        }
        for text in ["cuda:0,cuda:0", "cuda:1,tensorrt:1", "cuda,cuda:1", "cuda:0,tensorrt"] {
            let problem = text.parse::<Device>().unwrap_err();
            assert!(problem.ends_with("twice"), "{problem}");
        }
    }
}
